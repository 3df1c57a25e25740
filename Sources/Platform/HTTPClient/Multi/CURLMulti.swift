internal import CCurl
import Shared

/// Many transfers of libcurl on one thread, with the connections that they share.
///
/// `@unchecked Sendable`: one thread uses it, but for `wakeUp`, which libcurl allows on every thread.
final class CURLMulti: @unchecked Sendable {
    private let multi: UnsafeMutableRawPointer

    /// - Parameters:
    ///   - connectionsMax: open at once.
    ///   - perHostMax: open at once to one host and port; more transfers wait.
    /// - Throws: `Unavailable` if memory is out.
    init(connectionsMax: Int, perHostMax: Int) throws {
        try CURLHandle.prepareLibrary()
        guard let multi = curl_multi_init() else {
            throw Unavailable("libcurl", reason: "curl_multi_init failed")
        }
        self.multi = multi
        try set(CURLMOPT_MAX_TOTAL_CONNECTIONS, connectionsMax)
        try set(CURLMOPT_MAX_HOST_CONNECTIONS, perHostMax)
        // Those that wait for the next request.
        try set(CURLMOPT_MAXCONNECTS, connectionsMax)
        try set(CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    }

    /// Every transfer has been removed before.
    deinit { curl_multi_cleanup(multi) }

    func add(_ handle: borrowing CURLHandle) throws {
        let code = curl_multi_add_handle(multi, handle.handle)
        guard code == CURLM_OK else { throw InternalFailure("curl_multi_add_handle: \(Self.words(code))") }
    }

    /// Ends the transfer if it is not over.
    func remove(_ handle: borrowing CURLHandle) { curl_multi_remove_handle(multi, handle.handle) }

    /// Does what can be done without waiting.
    func perform() {
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
    }

    /// A transfer that is over, by the address of its handle.
    func nextDone() -> (handle: UnsafeMutableRawPointer, code: CURLcode)? {
        var code = CURLE_OK
        return ccurl_multi_next_done(multi, &code).map { ($0, code) }
    }

    /// Blocks until something happens to a transfer, somebody wakes it, or so much time has passed.
    func wait(milliseconds: Int32) { curl_multi_poll(multi, nil, 0, milliseconds, nil) }

    /// On any thread.
    func wakeUp() { curl_multi_wakeup(multi) }

    private func set(_ option: CURLMoption, _ number: Int) throws {
        let code = ccurl_multi_set_number(multi, option, number)
        guard code == CURLM_OK else {
            throw InternalFailure("curl_multi_setopt \(option.rawValue): \(Self.words(code))")
        }
    }

    private static func words(_ code: CURLMcode) -> String { String(cString: curl_multi_strerror(code)) }
}
