internal import CCurl
internal import Glibc
import Shared

/// A transfer of libcurl with its connections, for one thread at a time.
struct CURLHandle: ~Copyable {
    /// For the library's other calls about this transfer.
    let handle: UnsafeMutableRawPointer

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
    static func prepareLibrary() throws {
        guard globalCode == CURLE_OK else { throw Unavailable("libcurl", reason: "curl_global_init failed") }
    }

    /// - Throws: `Unavailable` if memory is out.
    init() throws {
        try Self.prepareLibrary()
        guard let handle = curl_easy_init() else {
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

    /// Takes the option's default away, such as the system's folder of authorities.
    func clear(_ option: CURLoption) throws {
        try check(ccurl_set_text(handle, option, nil), option)
    }

    func set(_ option: CURLoption, _ list: borrowing CURLList) throws {
        try check(ccurl_set_list(handle, option, list.first), option)
    }

    /// libcurl copies the bytes.
    func set(_ option: CURLoption, bytes: [UInt8]) throws {
        try check(bytes.withUnsafeBytes { ccurl_set_bytes(handle, option, $0.baseAddress, $0.count) }, option)
    }

    /// What the request brings. libcurl copies it, and makes the method `POST`.
    func setBody(_ bytes: [UInt8]) throws {
        // An empty array has no address, which would mean that the body is read from somewhere else.
        let code = (bytes + [0]).withUnsafeBytes { ccurl_set_body(handle, $0.baseAddress, bytes.count) }
        try check(code, CURLOPT_COPYPOSTFIELDS)
    }

    func setCallbacks(
        read: ccurl_read, observe: ccurl_observe, progress: ccurl_progress, _ context: UnsafeMutableRawPointer
    ) throws {
        try check(ccurl_set_callbacks(handle, read, observe, progress, context), CURLOPT_READFUNCTION)
    }

    func setAnswerCallbacks(
        head: ccurl_write, body: ccurl_write, open: curl_opensocket_callback, prereq: curl_prereq_callback,
        _ context: UnsafeMutableRawPointer
    ) throws {
        try check(
            ccurl_set_answer_callbacks(handle, head, body, open, prereq, context), CURLOPT_OPENSOCKETFUNCTION)
    }

    /// Blocks until the transfer is over.
    func perform() -> CURLcode { curl_easy_perform(handle) }

    func number(_ info: CURLINFO) -> Int { ccurl_number(handle, info) }
    func text(_ info: CURLINFO) -> String { String(cString: ccurl_text(handle, info)) }

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
    init(_ text: String) throws { try self.init([text]) }

    /// - Parameter texts: at least one.
    /// - Throws: `Unavailable` if memory is out.
    init(_ texts: [String]) throws {
        var list: UnsafeMutablePointer<curl_slist>?
        for text in texts {
            guard let longer = curl_slist_append(list, text) else {
                curl_slist_free_all(list)
                throw Unavailable("libcurl", reason: "curl_slist_append failed")
            }
            list = longer
        }
        guard let list else { throw InternalFailure("an empty list for libcurl") }
        first = list
    }

    deinit { curl_slist_free_all(first) }
}
