import AccountsApplication
import Crypto
import Lifecycle
import Shared
import Synchronization

/// The signing keys of this process: kept in step with the store, and rotated in time.
final class SigningKeys: Sendable {
    private let store: SQLSigningKeyStore
    private let revocations: RevocationList
    private let schedule: KeySchedule
    private let clock: any WallClock
    private let logger: Logger
    private let ring: Mutex<SigningKeyRing>
    /// What the store held when it was found to differ from before.
    private let versions = Mutex<Set<SQLSigningKeyStore.Version>>([])
    private let reloads: ThrottledReload

    /// Loads the keys; makes the first one, or takes in the given one.
    ///
    /// - Parameter imported: `SIGNING_KEY_FILE` or `ACCESS_SECRET_KEY`: signs at once and is not rotated by schedule.
    init(
        store: SQLSigningKeyStore, revocations: RevocationList, schedule: KeySchedule, imported: PrivateSigningKey?,
        clock: any WallClock, logger: Logger
    ) async throws {
        self.store = store
        self.revocations = revocations
        self.schedule = schedule
        self.clock = clock
        self.logger = logger
        let now = clock.now
        var given = imported
        if let key = imported, try await store.isRevoked(key.kid) {
            logger.error("the given signing key is revoked; another one signs", ["kid": .text(key.kid)])
            given = nil
        }
        var ring = try await Self.ensureRing(store, schedule, given, at: now)
        if try await Self.ensureKeyPair(store, schedule, at: now) {
            let keys = try await store.load(at: now)
            ring = SigningKeyRing(keys, at: now) ?? ring
        }
        self.ring = Mutex(ring)
        reloads = ThrottledReload(interval: .seconds(1), last: now)
    }

    var current: PrivateSigningKey { ring.withLock { $0.current } }
    /// See `SigningKeyRing`.
    var shared: PrivateSigningKey? { ring.withLock { $0.shared } }
    var publicKeySet: [UInt8] { ring.withLock { $0.publicKeySet } }

    func verificationKey(_ kid: String) -> PublicVerificationKey? {
        counts(kid) ? ring.withLock { $0.verificationKey(kid) } : nil
    }

    /// Whether what a key signed is good.
    func counts(_ kid: String) -> Bool { ring.withLock { $0.holds(kid) } && !revocations.isRevoked(key: kid) }

    /// For a token with an unknown key: another process may have made it. At most once a second.
    ///
    /// - Returns: whether the keys were read again.
    @discardableResult
    func reloadForUnknownKey() async throws -> Bool {
        try await reloads(at: clock.now) { try await reload() }
    }

    /// Reads the keys again if the store has others than it had when this was called last.
    func reloadIfChanged() async throws {
        let seen = try await store.versions()
        guard versions.withLock({ $0 }) != seen else { return }
        try await reload()
        versions.withLock { $0 = seen }
    }

    func reload() async throws {
        let now = clock.now
        let keys = try await store.load(at: now)
        guard let next = SigningKeyRing(keys, at: now) else {
            logger.error("there is no signing key any more; the last known ones stay")
            return
        }
        ring.withLock { $0 = next }
    }

    /// Publishes a new key, which signs after the time that caches of the old set may live.
    ///
    /// - Returns: its kid.
    func rotate() async throws -> String {
        let key = try PrivateSigningKey.generate(schedule.algorithm)
        let notBefore = clock.now + KeySchedule.publication
        try await store.add(key, notBefore: notBefore, retiring: schedule.retirement(ofKeysBefore: notBefore))
        _ = try await Self.ensureKeyPair(store, schedule, at: clock.now)
        try await reload()
        return key.kid
    }

    /// Ends a key at once; a new one signs from now on if it was the current one.
    ///
    /// - Returns: false if there is no such key.
    func revoke(_ kid: String) async throws -> Bool {
        let now = clock.now
        guard try await store.load(at: now).contains(where: { $0.kid == kid }) else { return false }
        let spare = try PrivateSigningKey.generate(schedule.algorithm)
        guard try await store.revoke(kid, at: now, spare: spare) else { return false }
        _ = try await Self.ensureKeyPair(store, schedule, at: now)
        try await reload()
        return true
    }

    /// One takes over what other processes did that counts at once, one reads the keys again now and then, because their
    /// times come without a change.
    var services: [any Service] {
        [
            PollingService("signing key changes", interval: .milliseconds(500), logger: logger) { [self] in
                try await reloadIfChanged()
                return 0
            },
            PollingService("signing keys", interval: KeySchedule.reading, logger: logger) { [self] in
                _ = try await Self.ensureKeyPair(store, schedule, at: clock.now)
                try await reload()
                return 0
            },
        ]
    }

    /// Publishes the next key if the newest is old enough.
    func rotateIfDue() async throws {
        guard let maxAge = schedule.maxAge else { return }
        let now = clock.now
        let isDue: @Sendable (Timestamp?) -> Bool = { newest in newest.map { now - $0 >= maxAge } ?? true }
        let newest = try await store.load(at: now).filter { $0.retiredAt == nil }.map(\.notBefore).max()
        guard isDue(newest) else { return }
        let key = try PrivateSigningKey.generate(schedule.algorithm)
        let notBefore = now + KeySchedule.publication
        try await store.add(
            key, notBefore: notBefore, retiring: schedule.retirement(ofKeysBefore: notBefore), ifNeeded: isDue)
        logger.info("signing key rotated", ["kid": .text(key.kid), "signs_from": LogValue(notBefore)])
    }

    private static func ensureRing(
        _ store: SQLSigningKeyStore, _ schedule: KeySchedule, _ imported: PrivateSigningKey?, at now: Timestamp
    ) async throws -> SigningKeyRing {
        let keys = try await store.load(at: now)
        if let imported {
            if SigningKeyRing(keys, at: now)?.current.kid != imported.kid {
                try await store.add(imported, notBefore: now, retiring: schedule.retirement(ofKeysBefore: now))
            }
        } else if keys.filter({ $0.retiredAt == nil }).max(by: { $0.notBefore < $1.notBefore })?.key.algorithm
            != schedule.algorithm
        {
            // The first key of an installation, or another algorithm than before.
            let newest = keys.filter { $0.retiredAt == nil }.map(\.notBefore).max()
            try await store.add(
                try PrivateSigningKey.generate(schedule.algorithm), notBefore: now,
                retiring: schedule.retirement(ofKeysBefore: now), ifNeeded: { $0 == newest })
        }
        guard let ring = SigningKeyRing(try await store.load(at: now), at: now) else {
            throw InternalFailure("there is no signing key")
        }
        return ring
    }
}

extension SigningKeys {
    /// Beside a symmetric key, one with a key pair for what others verify. It begins a moment before the newest key, so
    /// that it never is the one that signs access tokens, and retires with it.
    ///
    /// - Returns: whether one was missing.
    fileprivate static func ensureKeyPair(
        _ store: SQLSigningKeyStore, _ schedule: KeySchedule, at now: Timestamp
    ) async throws -> Bool {
        guard schedule.algorithm.isSymmetric else { return false }
        let kept = try await store.load(at: now).filter { $0.retiredAt == nil }
        guard !kept.contains(where: { !$0.key.algorithm.isSymmetric }) else { return false }
        return try await store.addKeyPair(try PrivateSigningKey.generate(.es256), at: now)
    }
}

/// How signing keys come and go.
struct KeySchedule: Sendable {
    let algorithm: SigningAlgorithm
    /// Nil: never by itself.
    let maxAge: Duration?
    /// How long a signed token may be used.
    let tokenLifetime: Duration

    /// How long a key is published before it signs: longer than anybody may keep the key set.
    static let publication: Duration = .seconds(3_600)
    /// How often each process reads the keys.
    static let reading: Duration = .seconds(30)

    /// When the last token has expired that a process signed by an older key, because it read of the new one late.
    ///
    /// - Parameter notBefore: when the new key begins to sign.
    func retirement(ofKeysBefore notBefore: Timestamp) -> Timestamp { notBefore + tokenLifetime + Self.reading * 2 }
}
