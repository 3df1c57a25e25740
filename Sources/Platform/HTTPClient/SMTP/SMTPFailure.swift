/// Why a mail was not taken. Has neither the mail nor anything secret, so it may be logged.
package struct SMTPFailure: Error, Sendable, Equatable {
    package enum Kind: Sendable {
        /// Trying again may help: 4xx, no connection, a time-out; also a 5xx that is about us and not about the mail,
        /// such as refused credentials, which an operator can mend.
        case temporary
        /// There is no such reader, or they take no mail.
        case recipientRefused
        /// The server will never take this mail, whoever reads it.
        case messageRefused
    }

    package let kind: Kind
    package let stage: SMTPStage
    /// Nil if the server said nothing that explains it.
    package let reply: SMTPReply?
    /// libcurl's words for its error code: a constant text.
    package let cause: String

    package init(stage: SMTPStage, reply: SMTPReply?, cause: String) {
        self.stage = stage
        self.reply = reply.flatMap { $0.code >= 400 ? $0 : nil }
        self.cause = cause
        kind = Self.kind(stage, self.reply)
    }

    /// Whether it is the server that failed, and not this mail: another server may take it. That is all before the
    /// recipient is named, whatever never came to an answer, and 421, by which a server says farewell (RFC 5321 § 3.8).
    package var isOfServer: Bool {
        guard kind == .temporary else { return false }
        switch stage {
        case .connection, .security, .authentication, .sender: return true
        case .recipient, .data: return reply.map { $0.code == 421 } ?? true
        }
    }

    /// Whether the server may have taken the mail all the same: the end of the mail was never answered.
    package var mayHaveArrived: Bool { stage == .data && reply == nil }

    private static func kind(_ stage: SMTPStage, _ reply: SMTPReply?) -> Kind {
        guard let reply, reply.code >= 500 else { return .temporary }
        switch stage {
        case .connection, .security, .authentication, .sender: return .temporary
        case .recipient: return isAboutRecipient(reply, whenUnsaid: true) ? .recipientRefused : .temporary
        // Some servers look the reader up only now, and then say so.
        case .data: return isAboutRecipient(reply, whenUnsaid: false) ? .recipientRefused : .messageRefused
        }
    }

    /// Of the permanent statuses, those that condemn the address (RFC 3463 § 3). The rest is a full mailbox (5.2.2),
    /// which empties; the sender's address (5.1.7, 5.1.8); and policy (5.7.x: relaying denied, a listed client),
    /// which hits every address alike and must not condemn them all.
    private static func isAboutRecipient(_ reply: SMTPReply, whenUnsaid: Bool) -> Bool {
        switch reply.enhancedStatus {
        case nil: whenUnsaid && [550, 551, 553, 556].contains(reply.code)
        case "5.1.7", "5.1.8": false
        case "5.2.0", "5.2.1", "5.4.1": true
        case let status?: status.hasPrefix("5.1.")
        }
    }
}

extension SMTPFailure: CustomStringConvertible {
    /// `recipient: 550 5.1.1`, `connection: Timeout was reached`
    package var description: String { "\(stage.rawValue): \(reply?.text ?? cause)" }
}
