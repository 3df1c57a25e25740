internal import CCurl
import Shared

/// A connection to the server, made when it is needed and kept for the next mail. Used by one thread; blocks it.
struct SMTPConnection: ~Copyable {
    private let settings: SMTPSettings
    private let handle: CURLHandle
    private let exchange = SMTPExchange()
    /// Whether it may not be used again.
    private(set) var isBroken = false

    init(_ settings: SMTPSettings) throws {
        self.settings = settings
        handle = try Self.handle(settings, exchange)
    }

    private static func handle(_ settings: SMTPSettings, _ exchange: SMTPExchange) throws -> CURLHandle {
        let handle = try CURLHandle()
        try handle.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        // The environment's proxies are for the web.
        try handle.set(CURLOPT_PROXY, "")
        // Signals belong to the process, not to a thread in a resolver.
        try handle.set(CURLOPT_NOSIGNAL, 1)
        // The end does not wait for a resolver that waits for its servers.
        try handle.set(CURLOPT_QUICK_EXIT, 1)
        try handle.set(CURLOPT_UPLOAD, 1)
        try handle.set(CURLOPT_VERBOSE, 1)
        try handle.set(CURLOPT_NOPROGRESS, 0)
        try handle.set(CURLOPT_CONNECTTIMEOUT_MS, Int(settings.connectTimeout.wholeMilliseconds))
        try handle.set(CURLOPT_TIMEOUT_MS, Int(settings.timeout.wholeMilliseconds))
        try handle.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, Int(settings.replyTimeout.secondsRoundedUp))
        try handle.set(CURLOPT_MAXAGE_CONN, Int(settings.idleMax.secondsRoundedUp))
        try setSecurity(settings, of: handle)
        try exchange.attach(to: handle)
        return handle
    }

    private static func setSecurity(_ settings: SMTPSettings, of handle: borrowing CURLHandle) throws {
        let use = settings.security == .none ? CURLUSESSL_NONE : CURLUSESSL_ALL
        try handle.set(CURLOPT_USE_SSL, Int(use.rawValue))
        try handle.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let file = settings.certificateFile { try handle.set(CURLOPT_CAINFO, file) }
        if let credentials = settings.credentials {
            try handle.set(CURLOPT_USERNAME, credentials.user)
            try handle.set(CURLOPT_PASSWORD, credentials.password.reveal())
            try handle.set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN")
        }
    }

    /// Returns when the server has taken the mail.
    ///
    /// - Parameter isCancelled: asked about every second, on this thread.
    /// - Throws: `SMTPFailure`, `CancellationError`.
    mutating func send(_ message: MailMessage, isCancelled: @escaping () -> Bool) throws {
        let recipients = try CURLList("<\(message.to.mailForm)>")
        // The path is the name of the greeting. Ours is the sender's: it is public, the machine's is not.
        let scheme = settings.security == .tls ? "smtps" : "smtp"
        try handle.set(
            CURLOPT_URL, "\(scheme)://\(settings.host):\(settings.port)/\(message.from.address.host)")
        try handle.set(CURLOPT_MAIL_FROM, "<\(message.from.address.mailForm)>")
        try handle.set(CURLOPT_MAIL_RCPT, recipients)
        try handle.set(CURLOPT_INFILESIZE_LARGE, offset: message.bytes.count)
        exchange.begin(message.bytes, isCancelled: isCancelled)
        defer { exchange.end() }
        var code = handle.perform()
        if wasClosedWhileIdle(code) {
            exchange.restart()
            code = handle.perform()
        }
        withExtendedLifetime(recipients) {}
        guard code != CURLE_OK else { return }
        let dialogue = exchange.dialogue
        if !isInStep(dialogue) {
            handle.abandonConnection()
            isBroken = true
        }
        if code == CURLE_ABORTED_BY_CALLBACK { throw CancellationError() }
        throw SMTPFailure(stage: dialogue.stage, reply: dialogue.reply, cause: CURLHandle.words(code))
    }

    /// Whether the server has answered the last command, and goes on. libcurl keeps a connection on which an answer
    /// to the mail itself was waited for in vain; the next mail would take that answer for one to its own command.
    private func isInStep(_ dialogue: SMTPDialogue) -> Bool {
        guard let reply = dialogue.reply else { return false }
        return reply.code >= 400 && reply.code != 421
    }

    /// Whether a kept connection broke before the server took anything of the mail.
    private func wasClosedWhileIdle(_ code: CURLcode) -> Bool {
        switch code {
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_WEIRD_SERVER_REPLY: break
        default: return false
        }
        let dialogue = exchange.dialogue
        guard handle.number(CURLINFO_NUM_CONNECTS) == 0, dialogue.stage == .connection || dialogue.stage == .sender
        else {
            return false
        }
        return dialogue.reply == nil || dialogue.reply?.code == 421
    }
}
