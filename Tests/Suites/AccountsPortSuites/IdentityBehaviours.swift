import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import TestSupport
import Testing

extension Sample {
    static func identityID(_ number: UInt64) -> IdentityID {
        IdentityID(SequentialIdentifiers.identifier(3_000 + number))
    }

    static func identity(
        _ number: UInt64, of user: UInt64, _ provider: ProviderName = .google,
        issuer: String = "https://issuer.example",
        subject: String? = nil
    ) -> Identity {
        Identity(
            id: identityID(number), userID: userID(user), provider: provider, issuer: issuer,
            subject: subject ?? "subject-\(number)", email: nil, emailTrust: .none, claims: IdentityClaims(),
            linkedAt: now, lastUsed: now)
    }
}

extension UnitOfWork<any AccountsContext> {
    func add(_ identities: Identity...) async throws {
        try await write { context in for identity in identities { try context.identities.insert(identity) } }
    }

    func find(_ id: IdentityID) async throws -> Identity? { try await read { try $0.identities.find(id) } }
}

extension AccountsWorkBehaviour {
    static let identities = [
        AccountsWorkBehaviour("an identity comes back as it was stored") { subject in
            try await subject.work.add(try Sample.account(1))
            var full = Sample.identity(1, of: 1, ProviderName(openID: "acme"), subject: "\u{FC}|1")
            full.email = EmailAddress("Ana@Example.com")
            full.emailTrust = .verified
            full.claims = IdentityClaims(
                name: "Ana Lima", givenName: "Ana", familyName: "Lima", picture: "https://i.example/a", locale: "de",
                hostedDomain: "example.com", tenantID: "11111111-2222-3333-4444-555555555555")
            full.lastUsed = Sample.now + .seconds(1)
            let plain = Sample.identity(2, of: 1)
            for identity in [full, plain] {
                try await subject.work.add(identity)
                #expect(try await subject.work.find(identity.id) == identity)
            }
            #expect(try await subject.work.find(Sample.identityID(3)) == nil)
        },
        AccountsWorkBehaviour("an identity is found by provider, issuer and subject, compared as bytes") { subject in
            let work = subject.work
            try await work.add(try Sample.account(1))
            let all = [
                Sample.identity(1, of: 1, subject: "a"), Sample.identity(2, of: 1, subject: "A"),
                Sample.identity(3, of: 1, .github, subject: "a"),
                Sample.identity(4, of: 1, issuer: "https://issuer.example/", subject: "a"),
                Sample.identity(5, of: 1, subject: "\u{E9}"), Sample.identity(6, of: 1, subject: "e\u{301}"),
                Sample.identity(7, of: 1, subject: "a "),
            ]
            for identity in all { try await work.add(identity) }
            for identity in all {
                let found = try await work.read {
                    try $0.identities.find(identity.provider, issuer: identity.issuer, subject: identity.subject)
                }
                #expect(found?.id == identity.id)
            }
            let unknown = try await work.read {
                try $0.identities.find(.sber, issuer: "https://issuer.example", subject: "a")
            }
            #expect(unknown == nil)
        },
        AccountsWorkBehaviour("an identity is linked once, whosever account it is") { subject async throws in
            let work = subject.work
            try await work.add(try Sample.account(1), try Sample.account(2))
            try await work.add(Sample.identity(1, of: 1, subject: "s"))
            await subject.expectViolation { try await work.add(Sample.identity(2, of: 2, subject: "s")) }
            #expect(try await work.find(Sample.identityID(2)) == nil)
        },
        AccountsWorkBehaviour("an identity needs its user, and goes with them") { subject async throws in
            let work = subject.work
            await subject.expectViolation { try await work.add(Sample.identity(1, of: 1)) }
            try await work.add(try Sample.account(1))
            try await work.add(Sample.identity(1, of: 1))
            try await work.write { try $0.users.delete(Sample.userID(1)) }
            #expect(try await work.find(Sample.identityID(1)) == nil)
        },
        AccountsWorkBehaviour("the identities of a user are listed, updated and removed") { subject in
            let work = subject.work
            try await work.add(try Sample.account(1), try Sample.account(2))
            try await work.add(Sample.identity(2, of: 1), Sample.identity(1, of: 1), Sample.identity(3, of: 2))
            #expect(
                try await work.read { try $0.identities.all(of: Sample.userID(1)).map(\.id) }
                    == [Sample.identityID(1), Sample.identityID(2)])
            var changed = Sample.identity(1, of: 1)
            changed.email = EmailAddress("new@example.com")
            changed.emailTrust = .authoritative
            changed.claims.name = "New"
            changed.lastUsed = Sample.now + .seconds(5)
            try await work.write { [changed] in try $0.identities.update(changed) }
            #expect(try await work.find(Sample.identityID(1)) == changed)
            try await work.write { try $0.identities.delete(Sample.identityID(1)) }
            #expect(
                try await work.read { try $0.identities.all(of: Sample.userID(1)).map(\.id) }
                    == [Sample.identityID(2)])
        },
    ]

    static let flows = [
        AccountsWorkBehaviour("of many callbacks of one flow, one acts") { subject in
            let claim = FlowClaim(hash: [UInt8](repeating: 3, count: 32), owner: "node-1", createdAt: Sample.now)
            let count = try await successes(of: 20) {
                try await subject.work.write { try $0.flowClaims.insert(claim) }
            }
            #expect(count == 1)
            #expect(try await subject.work.read { try $0.flowClaims.find(claim.hash) } == claim)
            #expect(try await subject.work.read { try $0.flowClaims.find([1]) } == nil)
        },
        AccountsWorkBehaviour("a callback's answer is kept, and the row for fifteen minutes") { subject in
            let work = subject.work
            var claim = FlowClaim(hash: [7, 8], owner: "node-1", createdAt: Sample.now)
            _ = try await work.write { [claim] in try $0.flowClaims.insert(claim) }
            claim.state = .failed
            claim.result = [1, 2, 3]
            claim.doneAt = Sample.now + .seconds(2)
            try await work.write { [claim] in try $0.flowClaims.update(claim) }
            #expect(try await work.read { try $0.flowClaims.find([7, 8]) } == claim)
            for (seconds, isThere) in [(900, true), (901, false)] {
                _ = try await work.write { try $0.removeExpired(at: Sample.now + .seconds(seconds), limit: 10) }
                #expect(try await work.read { try $0.flowClaims.find([7, 8]) != nil } == isThere)
            }
        },
        AccountsWorkBehaviour("an app's code comes back as it was stored, is used once, and goes") { subject in
            let work = subject.work
            try await work.add(try Sample.account(1))
            let code = AppCode(
                hash: [UInt8](repeating: 9, count: 32), userID: Sample.userID(1), identityID: Sample.identityID(1),
                proof: SignInProof([.federated], at: Sample.now).and([.oneTimePassword], at: Sample.now),
                challenge: [UInt8](repeating: 4, count: 32), createdAt: Sample.now,
                expiresAt: Sample.now + AppCode.lifetime)
            try await work.write { try $0.appCodes.insert(code) }
            #expect(try await work.read { try $0.appCodes.find(code.hash) } == code)
            let count = try await successes(of: 20) {
                try await work.write { try $0.appCodes.markUsed(code.hash, at: Sample.now + .seconds(1)) }
            }
            #expect(count == 1)
            try await work.write { try $0.appCodes.note(Sample.sessionID(1), of: code.hash) }
            #expect(try await work.read { try $0.appCodes.find(code.hash)?.usedAt } == Sample.now + .seconds(1))
            let gone = code.expiresAt + .seconds(86_401)
            _ = try await work.write { try $0.removeExpired(at: gone, limit: 10) }
            #expect(try await work.read { try $0.appCodes.find(code.hash) } == nil)
        },
    ]
}
