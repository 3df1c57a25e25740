import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import TestSupport
import Testing

extension AccountsWorkBehaviour {
    static let passkeys = [
        AccountsWorkBehaviour("a passkey comes back as it was stored and as it was changed") { subject in
            try await subject.work.add(try Sample.account(1))
            var passkey = Sample.passkey(1, of: 1)
            let stored = passkey
            #expect(try await subject.work.write { try $0.passkeys.insert(stored) })
            #expect(try await subject.work.read { try $0.passkeys.find(stored.id) } == stored)
            #expect(
                try await subject.work.read { try $0.passkeys.find(credential: stored.credentialID) } == stored)
            try await subject.work.write { context in
                try context.passkeys.rename(stored.id, to: "Laptop")
                try context.passkeys.use(stored.id, isBackedUp: true, at: Sample.now + .seconds(1))
                try context.passkeys.suspend(stored.id, at: Sample.now + .seconds(2))
                try context.passkeys.suspend(stored.id, at: Sample.now + .seconds(3))
            }
            passkey.name = "Laptop"
            passkey.isBackedUp = true
            passkey.lastUsed = Sample.now + .seconds(1)
            passkey.suspendedAt = Sample.now + .seconds(2)
            #expect(try await subject.work.read { try $0.passkeys.find(stored.id) } == passkey)
        },
        AccountsWorkBehaviour("a passkey needs its user, and goes with him") { subject async throws in
            await subject.expectViolation {
                _ = try await subject.work.write { try $0.passkeys.insert(Sample.passkey(1, of: 1)) }
            }
            try await subject.work.add(try Sample.account(1))
            try await subject.work.write { context in
                _ = try context.passkeys.insert(Sample.passkey(1, of: 1))
                try context.passkeys.insert(Sample.challenge(1, of: 1))
                try context.users.delete(Sample.userID(1))
            }
            let (passkey, challenge) = try await subject.work.write { context in
                (
                    try context.passkeys.find(Sample.passkey(1, of: 1).id),
                    try context.passkeys.claim(challenge: Sample.challenge(1, of: 1).hash, at: Sample.now)
                )
            }
            #expect(passkey == nil)
            #expect(challenge == nil)
        },
        AccountsWorkBehaviour("a credential is one account's only") { subject in
            try await subject.work.add(try Sample.account(1), try Sample.account(2))
            let first = Sample.passkey(1, of: 1)
            let second = Sample.passkey(2, of: 2, credential: first.credentialID)
            #expect(try await subject.work.write { try $0.passkeys.insert(first) })
            #expect(try await !subject.work.write { try $0.passkeys.insert(second) })
            #expect(try await subject.work.read { try $0.passkeys.all(of: Sample.userID(2)) } == [])
        },
        AccountsWorkBehaviour("a user's passkeys are listed, the oldest first, and can be deleted once") { subject in
            try await subject.work.add(try Sample.account(1), try Sample.account(2))
            let (mine, other) = ([2, 1].map { Sample.passkey($0, of: 1) }, Sample.passkey(3, of: 2))
            try await subject.work.write { context in
                for passkey in mine + [other] { _ = try context.passkeys.insert(passkey) }
            }
            let listed = try await subject.work.read { try $0.passkeys.all(of: Sample.userID(1)) }
            #expect(listed == [mine[1], mine[0]])
            #expect(try await subject.work.write { try $0.passkeys.delete(mine[0].id) })
            #expect(try await !subject.work.write { try $0.passkeys.delete(mine[0].id) })
            #expect(try await subject.work.read { try $0.passkeys.all(of: Sample.userID(1)) } == [mine[1]])
            #expect(try await subject.work.read { try $0.passkeys.count(notOf: "id.example.com") } == 0)
            #expect(try await subject.work.read { try $0.passkeys.count(notOf: "other.example") } == 2)
        },
        AccountsWorkBehaviour("a count only goes up, also under many at once") { subject in
            try await subject.work.add(try Sample.account(1))
            let passkey = Sample.passkey(1, of: 1)
            try await subject.work.write { _ = try $0.passkeys.insert(passkey) }
            func advance(_ count: Int) async throws -> Bool {
                try await subject.work.write { try $0.passkeys.advance(passkey.id, to: count) }
            }
            #expect(try await advance(5))
            #expect(try await !advance(5))
            #expect(try await !advance(0))
            let won = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 { group.addTask { try await advance(4_294_967_295) } }
                var won = 0
                for try await isFirst in group where isFirst { won += 1 }
                return won
            }
            #expect(won == 1)
            #expect(try await subject.work.read { try $0.passkeys.find(passkey.id) }?.signCount == 4_294_967_295)
        },
        AccountsWorkBehaviour("the name by which authenticators know a user never changes") { subject in
            try await subject.work.add(try Sample.account(1))
            let id = Sample.userID(1)
            #expect(try await subject.work.read { try $0.passkeys.handle(of: id) } == nil)
            #expect(try await subject.work.write { try $0.passkeys.handle(of: id, orSet: [1, 2]) } == [1, 2])
            #expect(try await subject.work.write { try $0.passkeys.handle(of: id, orSet: [3]) } == [1, 2])
            try await subject.work.write { context in
                guard let account = try context.users.lock(id) else { return }
                try context.users.update(account.user)
            }
            #expect(try await subject.work.read { try $0.passkeys.handle(of: id) } == [1, 2])
        },
        AccountsWorkBehaviour("a challenge is claimed once, also by many at once, and comes back as it was") {
            subject in
            try await subject.work.add(try Sample.account(1))
            let challenges = [Sample.challenge(1, of: 1), Sample.challenge(2, of: nil)]
            try await subject.work.write { context in
                for challenge in challenges { try context.passkeys.insert(challenge) }
            }
            for challenge in challenges {
                let claimed = try await withThrowingTaskGroup(of: PasskeyChallenge?.self) { group in
                    for _ in 0..<20 {
                        group.addTask {
                            try await subject.work.write {
                                try $0.passkeys.claim(challenge: challenge.hash, at: Sample.now)
                            }
                        }
                    }
                    var claimed: [PasskeyChallenge] = []
                    for try await challenge in group { if let challenge { claimed.append(challenge) } }
                    return claimed
                }
                #expect(claimed == [challenge])
            }
            #expect(try await subject.work.write { try $0.passkeys.claim(challenge: [9], at: Sample.now) } == nil)
        },
        AccountsWorkBehaviour("a challenge whose time is over is removed, used or not") { subject in
            try await subject.work.add(try Sample.account(1))
            try await subject.work.write { context in
                try context.passkeys.insert(Sample.challenge(1, of: 1))
                try context.passkeys.insert(Sample.challenge(2, of: nil))
                _ = try context.passkeys.claim(challenge: Sample.challenge(2, of: nil).hash, at: Sample.now)
            }
            let end = Sample.now + PasskeyChallenge.lifetime
            #expect(try await subject.work.write { try $0.removeExpired(at: end, limit: 10) } == 0)
            let after = end + .milliseconds(1)
            #expect(try await subject.work.write { try $0.removeExpired(at: after, limit: 1) } == 1)
            #expect(try await subject.work.write { try $0.removeExpired(at: after, limit: 10) } == 1)
        },
    ]
}

extension Sample {
    static func passkey(_ number: UInt64, of user: UInt64, credential: [UInt8]? = nil) -> Passkey {
        Passkey(
            id: PasskeyID(SequentialIdentifiers.identifier(3_000 + number)), userID: userID(user),
            credentialID: credential ?? [UInt8](repeating: UInt8(number), count: 16), publicKey: [1, 2, 3],
            algorithm: -257, relyingPartyID: "id.example.com", signCount: 0, isBackupEligible: true, isBackedUp: false,
            transports: ["internal", "hybrid"], aaguid: [UInt8](repeating: 7, count: 16), name: "Phone",
            createdAt: now)
    }

    static func challenge(_ number: UInt8, of user: UInt64?) -> PasskeyChallenge {
        PasskeyChallenge(
            hash: [number], purpose: user == nil ? .signIn : .register, userID: user.map { userID($0) },
            sessionID: user.map { sessionID($0) }, browser: [5, number], expiresAt: now + PasskeyChallenge.lifetime)
    }
}
