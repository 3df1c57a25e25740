import Crypto
import FoundationEssentials
import Shared

/// Signatures of Standard Webhooks 1.0 (standardwebhooks.com): HMAC-SHA-256 over id, time and body.
enum StandardWebhook {
    static let secretPrefix = "whsec_"
    /// The specification asks for 24 to 64 bytes.
    static let secretByteCount = 32

    /// As receivers configure it.
    static func text(_ secret: Secret<[UInt8]>) -> Secret<String> {
        Secret(secretPrefix + Data(secret.reveal()).base64EncodedString())
    }

    /// The headers of one attempt: an id that stays, the moment, and a signature by each secret.
    static func headers(
        id: String, at now: Timestamp, body: [UInt8], secrets: [Secret<[UInt8]>]
    ) -> [(name: String, value: String)] {
        let time = String(now.seconds)
        let signed = Array("\(id).\(time).".utf8) + body
        let signatures = secrets.map { "v1,\(Data(HMACKey($0).authenticate(signed)).base64EncodedString())" }
        return [
            ("webhook-id", id), ("webhook-timestamp", time), ("webhook-signature", signatures.joined(separator: " ")),
        ]
    }
}
