import AccountsApplication
import Shared
import Synchronization

/// Tokens whose signature was found good, so that it is checked once. Bounded: two halves, of which the older is
/// dropped when the younger is full; a token in use moves to the younger.
///
/// The tokens themselves are kept, not digests of them: to digest one costs as much as all other look-ups of a decision
/// together, and a process whose memory is read has lost its signing keys as well.
final class VerifiedTokenCache: Sendable {
    struct Entry: Sendable {
        let claims: AccessTokenClaims
        let kid: String
        let expiresAt: Timestamp
    }

    /// A whole token: one that differs in any bit is another one.
    private struct Key: Hashable {
        let token: String

        /// Equal text is text of equal bytes here: a token is ASCII, and what Unicode holds for the same, such as the
        /// Kelvin sign for K, is longer.
        static func == (left: Key, right: Key) -> Bool {
            left.token.utf8.count == right.token.utf8.count && left.token == right.token
        }

        /// The end of a token is the end of its signature, which is as good as random. Only verified tokens are kept, so
        /// nobody makes many with one end.
        func hash(into hasher: inout Hasher) {
            let bytes = token.utf8.span
            var end: UInt64 = 0
            for index in max(0, bytes.count - 12)..<bytes.count { end = end &* 67 &+ UInt64(bytes[index]) }
            hasher.combine(end)
        }
    }

    private struct Half {
        var entries: [Key: Entry] = [:]
        var byteCount = 0
    }

    private struct Halves {
        var younger = Half()
        var older: [Key: Entry] = [:]
    }

    private let halves = Mutex(Halves())
    private let halfCapacity: Int
    private let halfBytes: Int

    /// - Parameters:
    ///   - capacity: how many are kept at most.
    ///   - bytes: of tokens together.
    init(capacity: Int = 50_000, bytes: ByteCount = .mebibytes(32)) {
        halfCapacity = max(1, capacity / 2)
        halfBytes = bytes.bytes / 2
    }

    func find(_ token: String) -> Entry? {
        let key = Key(token: token)
        return halves.withLock { halves in
            if let entry = halves.younger.entries[key] { return entry }
            guard let entry = halves.older.removeValue(forKey: key) else { return nil }
            insert(entry, key, into: &halves)
            return entry
        }
    }

    func insert(_ entry: Entry, _ token: String) {
        halves.withLock { insert(entry, Key(token: token), into: &$0) }
    }

    func removeAll() {
        halves.withLock { $0 = Halves() }
    }

    private func insert(_ entry: Entry, _ key: Key, into halves: inout Halves) {
        if halves.younger.entries.count >= halfCapacity || halves.younger.byteCount >= halfBytes {
            halves.older = halves.younger.entries
            halves.younger = Half()
        }
        if halves.younger.entries.updateValue(entry, forKey: key) == nil {
            halves.younger.byteCount += key.token.utf8.count
        }
    }
}
