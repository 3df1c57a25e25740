import Crypto
import JSON
import Shared

/// Authenticates checkpoints of the audit log by the master key: who can write the database, and no more, cannot cut
/// the log unnoticed.
package struct AuditSeal: Sendable {
    private let key: HMACKey
    private let olderKeys: [HMACKey]

    private static let purpose = "audit/checkpoint"

    package init(_ masterKey: MasterKey) {
        key = HMACKey(masterKey.derive(Self.purpose))
        olderKeys = masterKey.deriveOlder(Self.purpose).map { HMACKey($0) }
    }

    func tag(writer: String, position: Int, hash: [UInt8]) -> [UInt8] {
        key.authenticate(Self.message(writer, position, hash))
    }

    /// Whether it was made by this master key, or by one that was once in its place.
    func verify(_ checkpoint: AuditCheckpoint, of writer: String) -> Bool {
        let message = Self.message(writer, checkpoint.position, checkpoint.hash)
        return ([key] + olderKeys).contains { $0.verify(checkpoint.tag, for: message) }
    }

    private static func message(_ writer: String, _ position: Int, _ hash: [UInt8]) -> [UInt8] {
        let fields: JSONValue = [.string(writer), .integer(Int64(position)), .string(Hex.encode(hash))]
        return fields.serialized
    }
}
