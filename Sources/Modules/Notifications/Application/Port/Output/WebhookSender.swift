import NotificationsDomain
import Shared

/// Brings events to endpoints.
package protocol WebhookSender: Sendable {
    /// Why nothing may be sent to a URL, in words behind its name; nil if nothing speaks against it yet.
    func refusal(of url: String) -> String?

    /// One attempt, signed with every secret.
    ///
    /// - Throws: `CancellationError`, `Unavailable`: nothing was tried.
    func send(_ event: WebhookEvent, to url: String, secrets: [Secret<[UInt8]>]) async throws -> WebhookSending
}

package enum WebhookSending: Sendable, Equatable {
    case tried(WebhookAttempt)
    /// Its host failed too often just now; nothing was sent.
    case paused(Duration)
}

/// Makes and seals the secrets that sign.
package protocol WebhookSecrets: Sendable {
    func make() -> Secret<[UInt8]>
    /// - Parameter owner: the endpoint that it belongs to; a sealed secret of another one cannot be opened.
    func seal(_ secret: Secret<[UInt8]>, of owner: Identifier) throws -> [UInt8]
    func open(_ sealed: [UInt8], of owner: Identifier) throws -> Secret<[UInt8]>
    /// As receivers configure it: `whsec_...`.
    func text(_ secret: Secret<[UInt8]>) -> Secret<String>
}
