import Crypto
import NotificationsApplication
import Shared

/// Secrets that the master key wraps, each bound to its endpoint.
struct MasterKeyWebhookSecrets: WebhookSecrets {
    let masterKey: MasterKey
    let random: any RandomSource

    func make() -> Secret<[UInt8]> { Secret(random.bytes(StandardWebhook.secretByteCount)) }

    func seal(_ secret: Secret<[UInt8]>, of owner: Identifier) throws -> [UInt8] {
        try masterKey.wrap(secret.reveal(), boundTo: Self.context(owner))
    }

    func open(_ sealed: [UInt8], of owner: Identifier) throws -> Secret<[UInt8]> {
        try masterKey.unwrap(sealed, boundTo: Self.context(owner))
    }

    func text(_ secret: Secret<[UInt8]>) -> Secret<String> { StandardWebhook.text(secret) }

    private static func context(_ owner: Identifier) -> String { "webhook_endpoints.secret/\(owner)" }
}
