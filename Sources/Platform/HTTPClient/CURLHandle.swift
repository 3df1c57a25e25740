internal import CCurl
internal import Glibc
import Shared

/// A transfer of libcurl with its connections, for one thread at a time.
struct CURLHandle: ~Copyable {
    private let handle: UnsafeMutableRawPointer

    /// Once per process, before the first handle. Since libcurl 7.84 it may be on any thread.
    private static let globalCode = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    /// For the calling thread: a peer that has gone is an error of the call that writes to it, and no signal.
    static func ignoreBrokenPipes() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// - Throws: `Unavailable` if memory is out.
    init() throws {
        guard Self.globalCode == CURLE_OK, let handle = curl_easy_init() else {
            throw Unavailable("libcurl", reason: "curl_easy_init failed")
        }
        self.handle = handle
    }

    /// Closes the connections too; of a polite protocol, after a farewell.
    deinit {
        // Whom the callbacks reach may be gone already.
        _ = ccurl_set_number(handle, CURLOPT_VERBOSE, 0)
        _ = ccurl_set_number(handle, CURLOPT_NOPROGRESS, 1)
        curl_easy_cleanup(handle)
    }

    func set(_ option: CURLoption, _ number: Int) throws {
        try check(ccurl_set_number(handle, option, number), option)
    }

    func set(_ option: CURLoption, offset: Int) throws {
        try check(ccurl_set_offset(handle, option, curl_off_t(offset)), option)
    }

    /// libcurl copies the text.
    func set(_ option: CURLoption, _ text: String) throws {
        try check(ccurl_set_text(handle, option, text), option)
    }

    func set(_ option: CURLoption, _ list: borrowing CURLList) throws {
        try check(ccurl_set_list(handle, option, list.first), option)
    }

    func setCallbacks(
        read: ccurl_read, observe: ccurl_observe, progress: ccurl_progress, _ context: UnsafeMutableRawPointer
    ) throws {
        try check(ccurl_set_callbacks(handle, read, observe, progress, context), CURLOPT_READFUNCTION)
    }

    /// Blocks until the transfer is over.
    func perform() -> CURLcode { curl_easy_perform(handle) }

    func number(_ info: CURLINFO) -> Int { ccurl_number(handle, info) }

    /// Ends the latest transfer's connection at once: no farewell is sent, and none waited for.
    func abandonConnection() {
        let socket = ccurl_socket(handle)
        if socket >= 0 { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    /// What a code means, in constant words.
    static func words(_ code: CURLcode) -> String { String(cString: curl_easy_strerror(code)) }

    /// The value is not told: it may be a secret.
    private func check(_ code: CURLcode, _ option: CURLoption) throws {
        guard code == CURLE_OK else {
            throw InternalFailure("curl_easy_setopt \(option.rawValue): \(Self.words(code))")
        }
    }
}

/// A list of texts as libcurl takes it. Must live as long as the transfers it is set for.
struct CURLList: ~Copyable {
    let first: UnsafeMutablePointer<curl_slist>

    /// - Throws: `Unavailable` if memory is out.
    init(_ text: String) throws {
        guard let first = curl_slist_append(nil, text) else {
            throw Unavailable("libcurl", reason: "curl_slist_append failed")
        }
        self.first = first
    }

    deinit { curl_slist_free_all(first) }
}
