import Crypto
import Shared
import Synchronization

/// An identity provider for development and tests: its people, its keys, what it gave out, and the mischief it was told
/// to do. All of it in memory.
final class IdentitySandbox: Sendable {
    /// A person's consent on its way to a token.
    struct Grant: Sendable {
        let shape: SandboxShape
        let person: SandboxPerson
        let redirectURI: String
        let nonce: String?
        let challenge: String
        let signedInAt: Timestamp
        let expiresAt: Timestamp
        var isUsed = false
        /// What is told of the person wrongly.
        var mischief: SandboxMischief?
    }

    private struct State {
        var codes: [String: Grant] = [:]
        var tokens: [String: Grant] = [:]
        var usedCode: String?
        var keys: [PrivateSigningKey] = []
        var mischief: [SandboxMischief: Int] = [:]
        var renamings = 0
        var callNumbers: [String] = []
    }

    let address: Address
    let clock: any WallClock
    private let random: any RandomSource
    private let state = Mutex(State())

    private static let lifetime: Duration = .seconds(300)
    private static let kept = 1_000

    init(_ address: Address, clock: any WallClock, random: any RandomSource) {
        self.address = address
        self.clock = clock
        self.random = random
    }

    // Mischief

    /// - Parameter times: 0 forgets it.
    func plan(_ mischief: SandboxMischief, times: Int) {
        state.withLock { $0.mischief[mischief] = times == 0 ? nil : times }
    }

    var planned: [SandboxMischief: Int] { state.withLock { $0.mischief } }

    /// One of these that was planned, done once more from now.
    func take(_ kinds: [SandboxMischief]) -> SandboxMischief? {
        state.withLock { state in
            guard let kind = kinds.first(where: { state.mischief[$0, default: 0] > 0 }) else { return nil }
            let left = state.mischief[kind, default: 0] - 1
            state.mischief[kind] = left == 0 ? nil : left
            return kind
        }
    }

    // Codes and tokens

    /// - Returns: a code, good for five minutes and once.
    func code(for grant: Grant) -> String {
        let code = Base64URL.encode(random.bytes(24))
        state.withLock { state in
            if state.codes.count >= Self.kept { state.codes = [:] }
            state.codes[code] = grant
        }
        return code
    }

    /// A code that is spent, as somebody would send it again.
    func spentCode(like grant: Grant) -> String {
        if let used = state.withLock({ $0.usedCode }) { return used }
        var spent = grant
        spent.isUsed = true
        return code(for: spent)
    }

    func grant(
        to person: SandboxPerson, _ shape: SandboxShape, redirectURI: String, nonce: String?, challenge: String
    ) -> Grant {
        let now = clock.now
        return Grant(
            shape: shape, person: named(person), redirectURI: redirectURI, nonce: nonce, challenge: challenge,
            signedInAt: now, expiresAt: now + Self.lifetime)
    }

    /// - Returns: nil for a code that is unknown, spent, too old, of another shape or flow.
    func redeem(_ code: String, _ shape: SandboxShape, redirectURI: String, verifier: String) -> Grant? {
        let challenge = Base64URL.encode(SHA256.hash(Array(verifier.utf8)))
        let now = clock.now
        return state.withLock { state in
            guard let grant = state.codes[code], !grant.isUsed else { return nil }
            state.codes[code]?.isUsed = true
            state.usedCode = code
            guard grant.shape == shape, grant.redirectURI == redirectURI, grant.challenge == challenge,
                now < grant.expiresAt
            else { return nil }
            return grant
        }
    }

    func accessToken(for grant: Grant) -> String {
        let token = Base64URL.encode(random.bytes(24))
        state.withLock { state in
            if state.tokens.count >= Self.kept { state.tokens = [:] }
            state.tokens[token] = grant
        }
        return token
    }

    func grant(of accessToken: String, _ shape: SandboxShape) -> Grant? {
        let now = clock.now
        return state.withLock { state in
            state.tokens[accessToken].flatMap { $0.shape == shape && now < $0.expiresAt ? $0 : nil }
        }
    }

    /// Whether a call's number is 32 hexadecimal digits that did not come before, as Sber ID has it.
    func isFresh(_ number: String?) -> Bool {
        guard let number, number.utf8.count == 32, number.utf8.allSatisfy({ Hex.value(of: $0) != nil }) else {
            return false
        }
        return state.withLock { state in
            guard !state.callNumbers.contains(number) else { return false }
            state.callNumbers = state.callNumbers.suffix(Self.kept) + [number]
            return true
        }
    }

    // Keys

    /// Made at first use, since that takes some tenths of a second.
    func key() throws -> PrivateSigningKey {
        if let key = state.withLock({ $0.keys.last }) { return key }
        return try newKey()
    }

    /// From now on the only one that is published.
    func newKey() throws -> PrivateSigningKey {
        let key = try PrivateSigningKey.generate(.rs256)
        state.withLock { $0.keys = [key] }
        return key
    }

    private func named(_ person: SandboxPerson) -> SandboxPerson {
        guard person.id == SandboxPerson.renamed else { return person }
        let count = state.withLock { state in
            state.renamings += 1
            return state.renamings
        }
        return SandboxPerson(
            id: person.id, number: person.number, givenName: "\(person.givenName) \(count)",
            familyName: person.familyName, note: person.note, email: person.email)
    }
}
