import NotificationsApplication
import NotificationsDomain
import Shared
import Synchronization
import TestSupport

/// Answers as the test says, and remembers what was sent.
package final class WebhookSenderDouble: WebhookSender {
    package struct Sent: Sendable, Equatable {
        package let event: WebhookEvent
        package let url: String
        package let secrets: [[UInt8]]
    }

    package typealias Answer = @Sendable (WebhookEvent) async throws -> WebhookSending

    private let log = Recorder<Sent>()
    private let answer: Mutex<Answer>

    package init(_ answer: @escaping Answer) {
        self.answer = Mutex(answer)
    }

    package var sent: [Sent] { log.all }

    /// From now on.
    package func answer(_ answer: @escaping Answer) { self.answer.withLock { $0 = answer } }

    package func refusal(of url: String) -> String? { url.hasPrefix("https://") ? nil : "must begin with https://" }

    package func send(
        _ event: WebhookEvent, to url: String, secrets: [Secret<[UInt8]>]
    ) async throws -> WebhookSending {
        log.add(Sent(event: event, url: url, secrets: secrets.map { $0.reveal() }))
        return try await answer.withLock { $0 }(event)
    }
}

/// Counts secrets up, and seals them by putting the owner before them.
package final class WebhookSecretsDouble: WebhookSecrets {
    private let last = Mutex<UInt8>(0)

    package init() {}

    package func make() -> Secret<[UInt8]> {
        Secret([
            last.withLock { last in
                last += 1
                return last
            }
        ])
    }

    package func seal(_ secret: Secret<[UInt8]>, of owner: Identifier) throws -> [UInt8] {
        Array("\(owner) ".utf8) + secret.reveal()
    }

    package func open(_ sealed: [UInt8], of owner: Identifier) throws -> Secret<[UInt8]> {
        guard sealed.starts(with: Array("\(owner) ".utf8)) else { throw InternalFailure("another owner's secret") }
        return Secret(Array(sealed.dropFirst("\(owner) ".utf8.count)))
    }

    package func text(_ secret: Secret<[UInt8]>) -> Secret<String> { Secret("whsec_\(secret.reveal())") }
}
