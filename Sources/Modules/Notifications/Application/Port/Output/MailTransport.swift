import NotificationsDomain

/// Brings a mail to its reader's server, or to the captured mailbox.
package protocol MailTransport: Sendable {
    /// The same mail may come again after a crash.
    ///
    /// - Throws: `CancellationError` if the task was cancelled; anything else: trying again later may help.
    func send(_ mail: Mail) async throws -> MailDelivery
}

/// What a server answered.
package enum MailDelivery: Sendable, Equatable {
    /// - Parameter by: the server's name.
    case accepted(by: String)
    /// There is no such reader, or they take no mail. The reason has codes only.
    case addressRefused(reason: String)
    /// This mail will never be taken, whoever reads it.
    case mailRefused(reason: String)
}
