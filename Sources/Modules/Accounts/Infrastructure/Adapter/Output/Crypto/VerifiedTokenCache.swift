import AccountsApplication
import Crypto
import Shared
import Synchronization

/// Tokens whose signature was found good, so that it is checked once. Bounded: two halves, of which the older is
/// dropped when the younger is full; a token in use moves to the younger.
final class VerifiedTokenCache: Sendable {
    struct Entry: Sendable {
        let claims: AccessTokenClaims
        let kid: String
        let expiresAt: Timestamp
    }

    /// SHA-256 of the whole token, so that a token that differs in any bit is another one.
    typealias Digest = SHA256.Digest

    private struct Halves {
        var younger: [Digest: Entry] = [:]
        var older: [Digest: Entry] = [:]
    }

    private let halves = Mutex(Halves())
    private let halfCapacity: Int

    init(capacity: Int = 50_000) {
        halfCapacity = max(1, capacity / 2)
    }

    func find(_ digest: Digest) -> Entry? {
        halves.withLock { halves in
            if let entry = halves.younger[digest] { return entry }
            guard let entry = halves.older.removeValue(forKey: digest) else { return nil }
            Self.insert(entry, digest, into: &halves, halfCapacity)
            return entry
        }
    }

    func insert(_ entry: Entry, _ digest: Digest) {
        halves.withLock { Self.insert(entry, digest, into: &$0, halfCapacity) }
    }

    func removeAll() {
        halves.withLock { $0 = Halves() }
    }

    private static func insert(_ entry: Entry, _ digest: Digest, into halves: inout Halves, _ capacity: Int) {
        if halves.younger.count >= capacity {
            halves.older = halves.younger
            halves.younger = [:]
        }
        halves.younger[digest] = entry
    }
}
