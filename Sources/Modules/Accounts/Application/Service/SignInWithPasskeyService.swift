import AccountsContract
import AccountsDomain
import Shared

/// Signs in by a passkey, which says itself whose it is.
package struct SignInWithPasskeyService: Sendable {
    private let work: any AccountsWork
    private let verifier: any PasskeyVerifier
    private let check: PasskeyCheck
    private let opener: SessionOpener
    private let clock: any WallClock
    private let random: any RandomSource

    package init(
        work: any AccountsWork, verifier: any PasskeyVerifier, opener: SessionOpener, clock: any WallClock,
        random: any RandomSource
    ) {
        self.work = work
        self.verifier = verifier
        check = PasskeyCheck(work: work, verifier: verifier)
        self.opener = opener
        self.clock = clock
        self.random = random
    }

    /// Tells nobody who has a passkey: the options are the same for everybody.
    ///
    /// - Parameter browser: the digest of the browser's cookie.
    package func options(browser: [UInt8]) async throws -> PasskeyRequestOptions {
        let now = clock.now
        let challenge = random.bytes(PasskeyChallenge.byteCount)
        let hash = verifier.hash(of: challenge)
        try await work.write { context in
            try context.passkeys.insert(
                PasskeyChallenge(hash: hash, for: PasskeyChallenge.Place(.signIn, browser: browser), at: now))
        }
        return PasskeyRequestOptions(
            challenge: challenge, relyingPartyID: verifier.relyingPartyID, allowed: [])
    }

    package func callAsFunction(_ command: SignInWithPasskeyCommand) async throws -> SignInWithPasskeyOutcome {
        let now = clock.now
        let client = command.client
        let reading = try await check.read(command.assertion)
        let place = command.browser.map { PasskeyChallenge.Place(.signIn, browser: $0) }
        let ending: Ending = try await work.write { context in
            switch try check.verdict(on: reading, in: place, client, at: now, in: context) {
            case .good(let account, let passkey):
                return .opening(
                    try opener.open(account, by: passkey.proof(at: now), client, at: now, in: context))
            case .refused(let reason, let userID):
                try context.audit(SessionOpener.refusal("passkey_\(reason)", userID, client))
                return .opening(.refused(.invalidCredentials))
            case .unknown:
                try context.audit(SessionOpener.refusal("passkey_unknown", nil, client))
                return .unknown
            }
        }
        switch ending {
        case .opening(let opening): return .ended(try opener.finish(opening, at: now))
        case .unknown: return .unknown
        }
    }

    private enum Ending: Sendable {
        case opening(SessionOpener.Opening)
        case unknown
    }
}
