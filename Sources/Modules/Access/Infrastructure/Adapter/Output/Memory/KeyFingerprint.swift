import Shared
import Synchronization

/// By which the one right text of a key is known again, once it was found right by its checksum and its digest: 128
/// bits that nobody finds who does not know the secret, keyed for this process, and far quicker than SHA-256. It is
/// never written anywhere.
final class KeyFingerprint: Sendable {
    /// 0 until a text was found right.
    private let first = Atomic<UInt64>(0)
    private let second = Atomic<UInt64>(0)

    func isRight(_ text: String) -> Bool {
        // Without a branch between the two.
        let (one, other) = Self.hashes(of: text)
        let difference = (one ^ first.load(ordering: .acquiring)) | (other ^ second.load(ordering: .acquiring))
        return difference == 0
    }

    /// A key has one right text, so this never changes what it was.
    func noteRight(_ text: String) {
        let (one, other) = Self.hashes(of: text)
        second.store(other, ordering: .releasing)
        first.store(one, ordering: .releasing)
    }

    private static func hashes(of text: String) -> (UInt64, UInt64) {
        var hasher = Hasher()
        text.utf8.span.withUnsafeBytes { hasher.combine(bytes: $0) }
        var other = hasher
        hasher.combine(UInt8(1))
        other.combine(UInt8(2))
        return (UInt64(bitPattern: Int64(hasher.finalize())), UInt64(bitPattern: Int64(other.finalize())))
    }
}
