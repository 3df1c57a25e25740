import AccountsContract
import AccountsDomain
import Shared

/// Adds a passkey to the caller's account.
package struct AddPasskeyService: Sendable {
    private let work: any AccountsWork
    private let verifier: any PasskeyVerifier
    private let clock: any WallClock
    private let random: any RandomSource

    private static let handleByteCount = 32

    package init(
        work: any AccountsWork, verifier: any PasskeyVerifier, clock: any WallClock, random: any RandomSource
    ) {
        self.work = work
        self.verifier = verifier
        self.clock = clock
        self.random = random
    }

    /// - Parameter browser: the digest of the browser's cookie.
    package func options(_ caller: SessionCaller, browser: [UInt8]) async throws -> PasskeyCreationOutcome {
        let now = clock.now
        let challenge = random.bytes(PasskeyChallenge.byteCount)
        let newHandle = random.bytes(Self.handleByteCount)
        let hash = verifier.hash(of: challenge)
        return try await work.write { context in
            guard let account = try context.users.lock(caller.userID), try context.isSignedIn(caller, at: now) else {
                return .signedOut
            }
            let passkeys = try context.passkeys.all(of: caller.userID)
            guard passkeys.count < Passkey.countMax else { return .tooMany }
            let handle = try context.passkeys.handle(of: caller.userID, orSet: newHandle)
            try context.passkeys.insert(
                PasskeyChallenge(hash: hash, for: Self.place(caller, browser), at: now))
            let user = account.user
            return .options(
                PasskeyCreationOptions(
                    challenge: challenge, relyingPartyID: verifier.relyingPartyID, userHandle: handle,
                    userName: user.email.text, displayName: user.username ?? user.email.text,
                    excluded: passkeys.map { PasskeyDescriptor($0) }))
        }
    }

    /// Adds it under the given id; what is there under it already is the answer.
    package func callAsFunction(_ command: AddPasskeyCommand) async throws -> AddPasskeyOutcome {
        let now = clock.now
        let (caller, registration) = (command.caller, command.registration)
        let reading = read(registration)
        return try await work.write { context in
            guard try context.users.lock(caller.userID) != nil, try context.isSignedIn(caller, at: now) else {
                return .signedOut
            }
            if let made = try context.passkeys.find(command.id) {
                return made.userID == caller.userID ? .added(made) : .exists
            }
            let verified: NewPasskey
            switch try verdict(on: reading, command, at: now, in: context) {
            case .failure(let rejection):
                try context.audit(
                    .refused(
                        "passkey.add", because: rejection.reason, by: "user:\(caller.userID)",
                        on: "user:\(caller.userID)", personal: command.client.personal))
                return .invalid
            case .success(let new): verified = new
            }
            let passkeys = try context.passkeys.all(of: caller.userID)
            guard passkeys.count < Passkey.countMax else { return .tooMany }
            let passkey = Passkey(
                command.id, of: caller.userID, verified, relyingPartyID: verifier.relyingPartyID,
                transports: registration.transports, name: command.name ?? "Passkey \(passkeys.count + 1)", at: now)
            guard try context.passkeys.insert(passkey) else { return .exists }
            try context.publish(PasskeyAdded(userID: caller.userID, passkeyID: passkey.id))
            try context.audit(
                .done(
                    "passkey.added", by: "user:\(caller.userID)", on: "user:\(caller.userID)",
                    personal: command.client.personal))
            return .added(passkey)
        }
    }

    private struct Reading: Sendable {
        let challengeHash: [UInt8]?
        let result: Result<NewPasskey, PasskeyRejection>
    }

    /// Verifies outside of any unit of work.
    private func read(_ registration: PasskeyRegistration) -> Reading {
        var hash: [UInt8]?
        do throws(PasskeyRejection) {
            let found = try verifier.challengeHash(in: registration.clientData)
            hash = found
            return Reading(
                challengeHash: hash, result: .success(try verifier.verify(registration, challengeHash: found)))
        } catch {
            return Reading(challengeHash: hash, result: .failure(error))
        }
    }

    /// Whatever comes of it, the challenge is used up.
    private func verdict(
        on reading: Reading, _ command: AddPasskeyCommand, at now: Timestamp, in context: any AccountsContext
    ) throws -> Result<NewPasskey, PasskeyRejection> {
        guard let hash = reading.challengeHash else { return reading.result }
        guard let browser = command.browser,
            let challenge = try context.passkeys.claim(challenge: hash, at: now),
            challenge.isOpen(at: now, in: Self.place(command.caller, browser))
        else { return .failure(PasskeyRejection("challenge")) }
        return reading.result
    }

    private static func place(_ caller: SessionCaller, _ browser: [UInt8]) -> PasskeyChallenge.Place {
        PasskeyChallenge.Place(.register, userID: caller.userID, sessionID: caller.sessionID, browser: browser)
    }
}

extension Passkey {
    fileprivate init(
        _ id: PasskeyID, of userID: UserID, _ verified: NewPasskey, relyingPartyID: String, transports: [String],
        name: String, at now: Timestamp
    ) {
        self.init(
            id: id, userID: userID, credentialID: verified.credentialID, publicKey: verified.publicKey,
            algorithm: verified.algorithm, relyingPartyID: relyingPartyID, signCount: verified.signCount,
            isBackupEligible: verified.isBackupEligible, isBackedUp: verified.isBackedUp, transports: transports,
            aaguid: verified.aaguid, name: name, createdAt: now)
    }
}
