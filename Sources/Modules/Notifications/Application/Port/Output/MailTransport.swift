import NotificationsDomain

/// Brings a mail to its reader's server, or to the captured mailbox.
package protocol MailTransport: Sendable {
    /// The same mail may come again after a crash.
    func send(_ mail: Mail) async throws
}
