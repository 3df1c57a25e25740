/// How far a mail has come.
package enum SMTPStage: String, Sendable {
    case connection
    /// `STARTTLS` and the handshake behind it.
    case security
    case authentication
    /// `MAIL FROM`
    case sender
    /// `RCPT TO`
    case recipient
    /// `DATA` and the mail itself.
    case data
}

/// The last line of a server's answer. Its text is left out: it may name the reader.
package struct SMTPReply: Sendable, Equatable {
    /// 200 to 599 (RFC 5321 § 4.2).
    package let code: Int
    /// `5.1.1`, where the server gives it (RFC 2034, RFC 3463).
    package let enhancedStatus: String?

    package init(code: Int, enhancedStatus: String? = nil) {
        self.code = code
        self.enhancedStatus = enhancedStatus
    }

    /// Nil if it is not a line of an answer.
    init?(line: some Collection<UInt8>) {
        let text = String(decoding: line.prefix(64), as: UTF8.self)
        guard let code = Int(text.prefix(3)), (200...599).contains(code) else { return nil }
        let word = text.dropFirst(4).prefix { !$0.isWhitespace }
        let parts = word.split(separator: ".", omittingEmptySubsequences: false)
        let isStatus =
            parts.count == 3 && parts[0] == text.prefix(1)
            && parts.allSatisfy { (1...3).contains($0.utf8.count) && $0.utf8.allSatisfy { (48...57).contains($0) } }
        self.init(code: code, enhancedStatus: isStatus ? String(word) : nil)
    }

    var text: String { enhancedStatus.map { "\(code) \($0)" } ?? "\(code)" }
}

/// Follows what client and server say to each other: which command was answered how. Keeps nothing else of it.
struct SMTPDialogue {
    private(set) var stage = SMTPStage.connection
    /// To the last command.
    private(set) var reply: SMTPReply?
    private var isOver = false

    mutating func sent(_ bytes: some Collection<UInt8>) {
        let line = String(decoding: bytes.prefix(16), as: UTF8.self)
        let verb = line.prefix { $0.isASCII && $0.isLetter }
        // What follows the verb tells a command from a line of AUTH, which is base64.
        guard verb.count < line.count, let end = line.dropFirst(verb.count).first, end.isWhitespace else { return }
        switch verb {
        // After it comes only the end of the connection; a new one begins with EHLO.
        case "QUIT": isOver = true
        case "EHLO", "HELO": begin(.connection)
        case "STARTTLS": begin(.security)
        case "AUTH": begin(.authentication)
        case "MAIL": begin(.sender)
        case "RCPT": begin(.recipient)
        case "DATA": begin(.data)
        default: break
        }
    }

    mutating func received(_ line: some Collection<UInt8>) {
        if !isOver, let reply = SMTPReply(line: line) { self.reply = reply }
    }

    private mutating func begin(_ stage: SMTPStage) {
        self.stage = stage
        reply = nil
        isOver = false
    }
}
