import AccessApplication
import AccessContract
import AccessDomain
import AccountsContract
import Shared
import Synchronization

/// Knows credentials again: access tokens by the memory of Accounts, keys by their prefix in its own.
///
/// Guessing keys gives nothing and costs little: a text without the right checksum is no key, a wrong secret for a known
/// prefix is refused from memory, and unknown prefixes reach the store only so often. The prefixes of all keys are in
/// memory, so that however many are made up, one that exists is always looked up.
final class CredentialCache: CredentialReader {
    /// A key with what is known of its use.
    private final class Known: Sendable {
        let key: APIKey
        let fingerprint = KeyFingerprint()
        /// Of the secret that was replaced.
        let previous = KeyFingerprint()
        /// When it was last told on.
        let lastUse: Atomic<Int64>

        init(_ key: APIKey) {
            self.key = key
            lastUse = Atomic(key.lastUsedAt?.milliseconds ?? 0)
        }
    }

    private let work: any AccessWork
    private let accounts: any AccountsFacade
    private let digest: any KeyDigest
    private let followUps: any FollowUps
    private let isCurrent: @Sendable (Timestamp) -> Bool
    private let keys: LoadingCache<APIKeyPrefix, Known>
    private let misses: MissBudget
    /// Ten bytes a key; a prefix stays when its key ends.
    private let prefixes = Mutex<Set<APIKeyPrefix>>([])

    /// In milliseconds.
    private static let useInterval = APIKey.useInterval.wholeMilliseconds

    /// That there is no key of a prefix is believed for so long.
    private static let absenceLifetime: Duration = .seconds(1)

    /// - Parameters:
    ///   - isCurrent: whether this process hears of changes in time; while not, it asks anew each time.
    ///   - missesPerSecond: so many look-ups of keys that are not there reach the store.
    init(
        work: any AccessWork, accounts: any AccountsFacade, digest: any KeyDigest, followUps: any FollowUps,
        capacity: Int = 50_000, missesPerSecond: Int = 200, isCurrent: @escaping @Sendable (Timestamp) -> Bool
    ) {
        self.work = work
        self.accounts = accounts
        self.digest = digest
        self.followUps = followUps
        self.isCurrent = isCurrent
        keys = LoadingCache(capacity: capacity)
        misses = MissBudget(perSecond: missesPerSecond)
    }

    func holder(accessToken: String) async throws -> TokenHolder? {
        try await accounts.owner(accessToken: accessToken).map { TokenHolder($0) }
    }

    func recallHolder(accessToken: String, at now: Timestamp) -> MemoryLookup<TokenHolder> {
        switch accounts.recallOwner(accessToken: accessToken, at: now) {
        case .known(let owner): .known(TokenHolder(owner))
        case .absent: .absent
        case .unknown: .unknown
        }
    }

    func apiKey(_ text: String, at now: Timestamp) async throws -> APIKey? {
        guard let parsed = APIKeyText(text) else { return nil }
        return try await known(parsed.prefix, at: now).flatMap { good($0, text, at: now) }
    }

    func recallKey(_ text: String, at now: Timestamp) -> MemoryLookup<APIKey> {
        guard let prefix = APIKeyPrefix(ofKey: text.utf8.span) else { return .absent }
        guard isCurrent(now), let known = keys.find(prefix, at: now) else { return .unknown }
        guard let value = known.value, let key = good(value, text, at: now) else { return .absent }
        return .known(key)
    }

    /// Whether this is the key's text.
    private func isText(_ text: String, of known: Known, at now: Timestamp) -> Bool {
        if known.fingerprint.isRight(text) { return true }
        let key = known.key
        if let previous = key.previous, now < previous.until, known.previous.isRight(text) { return true }
        guard let parsed = APIKeyText(text) else { return false }
        let digest = digest.digest(of: parsed.secret.reveal())
        if key.matches(digest) {
            known.fingerprint.noteRight(text)
            return true
        }
        guard key.matchesPrevious(digest, at: now) else { return false }
        known.previous.noteRight(text)
        return true
    }

    /// The key if this is its text and it counts now.
    private func good(_ known: Known, _ text: String, at now: Timestamp) -> APIKey? {
        let key = known.key
        guard isText(text, of: known, at: now), key.state(at: now) == .open else { return nil }
        let lastUse = known.lastUse.load(ordering: .relaxed)
        if now.milliseconds - lastUse >= Self.useInterval,
            known.lastUse.compareExchange(expected: lastUse, desired: now.milliseconds, ordering: .relaxed).exchanged
        {
            followUps.noteUse(of: key.id, at: now)
        }
        return key
    }

    /// Forgets what is stale.
    func apply(_ changes: [AccessChange]) {
        for change in changes {
            switch change {
            case .apiKey(let id): keys.forget(where: { $0.key.id == id })
            case .roles: keys.forgetAll()
            case .user, .services, .usage: break
            }
        }
    }

    /// Reads the prefixes of all keys. Of those that are made later the changes tell.
    func learnPrefixes() async throws {
        let known = try await work.read { try $0.apiKeys.prefixes() }
        prefixes.withLock { $0.formUnion(known) }
    }

    /// Learns the prefixes of keys that were made, by whichever process.
    func learn(_ changes: [AccessChange]) async throws {
        let ids = changes.compactMap { change -> APIKeyID? in if case .apiKey(let id) = change { id } else { nil } }
        guard !ids.isEmpty else { return }
        let made = try await work.read { context in try ids.compactMap { try context.apiKeys.find($0)?.prefix } }
        prefixes.withLock { $0.formUnion(made) }
    }

    /// How many are remembered.
    var count: Int { keys.count }

    private func known(_ prefix: APIKeyPrefix, at now: Timestamp) async throws -> Known? {
        guard isCurrent(now) else { return try await load(prefix, at: now).value }
        if let known = keys.find(prefix, at: now) { return known.value }
        return try await keys.value(prefix, at: now) { try await load(prefix, at: now) }
    }

    private func load(
        _ prefix: APIKeyPrefix, at now: Timestamp
    ) async throws -> LoadingCache<APIKeyPrefix, Known>.Loaded {
        let isKnown = prefixes.withLock { $0.contains(prefix) }
        guard isKnown || misses.take(at: now) else {
            throw Unavailable("api_keys", reason: "too many unknown keys are tried")
        }
        guard let key = try await work.read({ try $0.apiKeys.find(prefix) }) else {
            return .init(value: nil, expiresAt: now + Self.absenceLifetime)
        }
        if !isKnown {
            misses.giveBack(at: now)
            _ = prefixes.withLock { $0.insert(prefix) }
        }
        return .init(value: Known(key), expiresAt: nil)
    }
}

extension TokenHolder {
    fileprivate init(_ owner: TokenOwner) {
        switch owner {
        case .caller(let caller): self.init(userID: caller.userID.value, isSignedIn: true)
        case .ended(let userID): self.init(userID: userID.value, isSignedIn: false)
        }
    }
}

/// How many look-ups may be under way or have found nothing, of those that began within one second.
final class MissBudget: Sendable {
    private struct State {
        var second: Int64 = 0
        var count = 0
    }

    private let state = Mutex(State())
    private let perSecond: Int

    init(perSecond: Int) {
        self.perSecond = perSecond
    }

    /// - Returns: false if there is no room left in this second.
    func take(at now: Timestamp) -> Bool {
        state.withLock { state in
            if state.second != now.seconds { state = State(second: now.seconds) }
            guard state.count < perSecond else { return false }
            state.count += 1
            return true
        }
    }

    /// Something was found.
    ///
    /// - Parameter now: as it was taken.
    func giveBack(at now: Timestamp) {
        state.withLock { state in
            if state.second == now.seconds { state.count -= 1 }
        }
    }
}
