import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import Testing

extension AccountsWorkBehaviour {
    static let sessions = [
        AccountsWorkBehaviour("a session comes back as it was stored") { subject in
            try await subject.work.add(try Sample.account(1))
            let full = Session(
                id: Sample.sessionID(1), userID: Sample.userID(1), generation: 3, branch: 2,
                userAgent: "Mozilla/5.0 (\u{00FC})", address: NetworkAddress(text: "2001:db8::1"),
                createdAt: Sample.now, lastUsed: Sample.now + .milliseconds(5), expiresAt: Sample.now + .seconds(9),
                proof: SignInProof([.federated], at: Sample.now).and([.oneTimePassword], at: Sample.now + .seconds(1)),
                identityID: IdentityID(Sample.sessionID(9).value))
            let plain = Sample.session(2, of: 1)
            for session in [full, plain] {
                try await subject.work.add(session)
                #expect(try await subject.work.find(session.id) == session)
            }
            #expect(try await subject.work.find(Sample.sessionID(3)) == nil)
        },
        AccountsWorkBehaviour("a session needs its user") { subject async throws in
            await subject.expectViolation { try await subject.work.add(Sample.session(1, of: 1)) }
            #expect(try await subject.work.find(Sample.sessionID(1)) == nil)
        },
        AccountsWorkBehaviour("a session is revoked once, and the first time counts") { subject in
            try await subject.work.add(try Sample.account(1))
            try await subject.work.add(Sample.session(1, of: 1))
            let id = Sample.sessionID(1)
            #expect(try await subject.work.write { try $0.sessions.revoke(id, at: Sample.now, reason: .logout) })
            let again = try await subject.work.write {
                try $0.sessions.revoke(id, at: Sample.now + .seconds(1), reason: .administratorReset)
            }
            #expect(!again)
            let session = try await subject.work.find(id)
            #expect(session?.revokedAt == Sample.now)
            #expect(session?.revocationReason == .logout)
        },
        AccountsWorkBehaviour("an unknown session cannot be revoked") { subject in
            let isRevoked = try await subject.work.write {
                try $0.sessions.revoke(Sample.sessionID(1), at: Sample.now, reason: .logout)
            }
            #expect(!isRevoked)
        },
        AccountsWorkBehaviour("of many who revoke one session at once, one does it") { subject in
            try await subject.work.add(try Sample.account(1))
            try await subject.work.add(Sample.session(1, of: 1))
            let count = try await successes(of: 20) {
                try await subject.work.write {
                    try $0.sessions.revoke(Sample.sessionID(1), at: Sample.now, reason: .logout)
                }
            }
            #expect(count == 1)
        },
        AccountsWorkBehaviour("the living sessions of a user are listed, the newest first, and all that are kept") {
            subject in
            let work = subject.work
            try await work.add(try Sample.account(1), try Sample.account(2))
            for number in 1...2 as ClosedRange<UInt64> { try await work.add(Sample.session(number, of: 1)) }
            var used = Sample.session(3, of: 1)
            used.lastUsed = Sample.now - .seconds(1)
            try await work.add(used)
            try await work.add(Sample.session(4, of: 1))
            try await work.add(Sample.session(5, of: 1, expiresAt: Sample.now))
            try await work.add(Sample.session(6, of: 2))
            _ = try await work.write {
                try $0.sessions.revoke(Sample.sessionID(4), at: Sample.now, reason: .logout)
            }
            let alive = try await work.read { try $0.sessions.alive(of: Sample.userID(1), at: Sample.now) }
            #expect(alive.map(\.id) == [3, 2, 1].map(Sample.sessionID))
            let all = try await work.read { try $0.sessions.all(of: Sample.userID(1)) }
            #expect(Set(all.map(\.id)) == Set((1...5).map(Sample.sessionID)))
            #expect(all.count == 5)
            #expect(try await work.read { try $0.sessions.alive(of: Sample.userID(3), at: Sample.now) }.isEmpty)
        },
    ]

    static let usableSessions = AccountsWorkBehaviour(
        "a session whose tokens are all dead is not among the usable ones, nor between two parts of them"
    ) { subject in
        let work = subject.work
        try await work.add(try Sample.account(1))
        let horizon = Sample.now + .seconds(60)
        for number in 1...6 as ClosedRange<UInt64> {
            var session = Sample.session(number, of: 1)
            // The second was used lately: whatever its refresh token is, an access token may be good.
            if number == 2 { session.lastUsed = horizon + .milliseconds(1) }
            // The tokens of the even ones die before the others'.
            try await work.add(session, tokenExpiresAt: horizon + .seconds(number.isMultiple(of: 2) ? 60 : 120))
        }
        @Sendable func part(_ now: Timestamp, after last: NewestFirst? = nil) async throws -> Page<Session, NewestFirst>
        {
            try await work.read {
                try $0.sessions.usable(
                    of: Sample.userID(1), at: now, usedAfter: horizon, PageRequest(limit: 2, after: last))
            }
        }
        #expect(try await part(horizon).items.map(\.id) == [6, 5].map(Sample.sessionID))
        let later = horizon + .seconds(60)
        let first = try await part(later)
        #expect(first.items.map(\.id) == [5, 3].map(Sample.sessionID))
        #expect(first.next == NewestFirst(Sample.sessionID(3)))
        let second = try await part(later, after: first.next)
        #expect(second.items.map(\.id) == [2, 1].map(Sample.sessionID) && second.next == nil)
        #expect(try await part(horizon + .seconds(120)).items.map(\.id) == [Sample.sessionID(2)])

        // What counts is the token by which the session goes on, not those before it.
        var session = Sample.session(6, of: 1)
        session.generation = 1
        let successor = RefreshTokenRecord(
            sessionID: session.id, jti: Sample.sessionID(7).value, hash: [UInt8](repeating: 8, count: 32),
            generation: 1, createdAt: Sample.now, expiresAt: horizon + .seconds(300))
        let spent = Sample.refreshToken(Sample.session(6, of: 1), expiresAt: horizon + .seconds(60))
        try await work.write { [session] in
            try $0.sessions.rotate(
                session, presented: spent, to: successor, at: Sample.now, forgettingBefore: Sample.now)
        }
        #expect(try await part(later).items.map(\.id) == [6, 5].map(Sample.sessionID))
    }

    /// Neither the end of a session nor its use moves the others.
    static let sessionParts = AccountsWorkBehaviour(
        "the living sessions are had part by part, whatever happens between"
    ) {
        subject in
        let work = subject.work
        try await work.add(try Sample.account(1), try Sample.account(2))
        for number in 1...5 as ClosedRange<UInt64> { try await work.add(Sample.session(number, of: 1)) }
        try await work.add(Sample.session(6, of: 2))
        @Sendable func part(after last: NewestFirst?) async throws -> Page<Session, NewestFirst> {
            try await work.read {
                try $0.sessions.usable(
                    of: Sample.userID(1), at: Sample.now, usedAfter: Sample.now - .seconds(60),
                    PageRequest(limit: 2, after: last))
            }
        }
        let first = try await part(after: nil)
        #expect(first.items.map(\.id) == [5, 4].map(Sample.sessionID))
        for number in [4, 2] as [UInt64] {
            _ = try await work.write {
                try $0.sessions.revoke(Sample.sessionID(number), at: Sample.now, reason: .logout)
            }
        }
        #expect(first.next == NewestFirst(Sample.sessionID(4)))
        let second = try await part(after: first.next)
        #expect(second.items.map(\.id) == [3, 1].map(Sample.sessionID) && second.next == nil)
        #expect(try await part(after: NewestFirst(Sample.sessionID(1))).items.isEmpty)
    }

    static let validations = [
        AccountsWorkBehaviour("a link comes back as it was stored, with and without user and address") { subject in
            try await subject.work.add(try Sample.account(1))
            let tokens = [
                Sample.validation(1, of: 1),
                ValidationToken(
                    id: Sample.validationID(2), userID: nil, purpose: .administrator, address: nil,
                    createdAt: Sample.now, expiresAt: Sample.now + .seconds(60),
                    usedAt: Sample.now + .seconds(1)),
            ]
            for token in tokens {
                try await subject.work.write { try $0.validations.insert(token) }
                #expect(try await subject.work.find(token.id) == token)
            }
            #expect(try await subject.work.find(Sample.validationID(3)) == nil)
        },
        AccountsWorkBehaviour("a link for a user needs that user") { subject in
            await subject.expectViolation {
                try await subject.work.write { try $0.validations.insert(Sample.validation(1, of: 1)) }
            }
        },
        AccountsWorkBehaviour("the history tells when links of a purpose were made for a user, from a moment on") {
            subject in
            try await subject.work.add(try Sample.account(1), try Sample.account(2))
            let later = Sample.now + .seconds(60)
            let tokens = [
                Sample.validation(1, of: 1), Sample.validation(2, of: 1, createdAt: later),
                Sample.validation(3, of: 1, createdAt: Sample.now - .milliseconds(1)),
                Sample.validation(4, of: 1, purpose: .reset, createdAt: later),
                Sample.validation(5, of: 2, createdAt: later),
            ]
            try await subject.work.write { context in
                for token in tokens { try context.validations.insert(token) }
                // Used ones were mailed as well.
                _ = try context.validations.markUsed(Sample.validationID(2), at: later)
            }
            let history = try await subject.work.read {
                try $0.validations.history(.verify, of: Sample.userID(1), since: Sample.now)
            }
            #expect(history.map(\.createdAt).sorted() == [Sample.now, later])
            let none = try await subject.work.read {
                try $0.validations.history(.reset, of: Sample.userID(2), since: Sample.now)
            }
            #expect(none.isEmpty)
        },
        AccountsWorkBehaviour("cancelling takes the user's open links, and leaves used ones and others' alone") {
            subject in
            try await subject.work.add(try Sample.account(1), try Sample.account(2))
            let tokens = [
                Sample.validation(1, of: 1), Sample.validation(2, of: 1, purpose: .reset),
                Sample.validation(3, of: 1), Sample.validation(4, of: 2),
                Sample.validation(5, of: nil, purpose: .administrator),
                // Whoever changed the address may be the one who cancels.
                Sample.validation(6, of: 1, purpose: .emailUndo),
            ]
            try await subject.work.write { context in
                for token in tokens { try context.validations.insert(token) }
                _ = try context.validations.markUsed(Sample.validationID(3), at: Sample.now)
                try context.validations.cancelAll(of: Sample.userID(1), at: Sample.now + .seconds(1))
            }
            var used: [Timestamp?] = []
            for token in tokens { used.append(try await subject.work.find(token.id)?.usedAt) }
            let cancelled = Sample.now + .seconds(1)
            #expect(used == [cancelled, cancelled, Sample.now, nil, nil, nil])
        },
        AccountsWorkBehaviour("links of one purpose are cancelled alone, and if asked only those from a moment on") {
            subject in
            try await subject.work.add(try Sample.account(1), try Sample.account(2))
            let later = Sample.now + .seconds(1)
            let tokens = [
                Sample.validation(1, of: 1, purpose: .emailUndo), Sample.validation(2, of: 1, purpose: .emailChange),
                Sample.validation(3, of: 1, purpose: .emailUndo, createdAt: later),
                Sample.validation(4, of: 2, purpose: .emailUndo, createdAt: later),
            ]
            try await subject.work.write { context in
                for token in tokens { try context.validations.insert(token) }
                try context.validations.cancel(.emailUndo, of: Sample.userID(1), since: later, at: later)
            }
            var used: [Timestamp?] = []
            for token in tokens { used.append(try await subject.work.find(token.id)?.usedAt) }
            #expect(used == [nil, nil, later, nil])
            try await subject.work.write {
                try $0.validations.cancel(.emailUndo, of: Sample.userID(1), since: nil, at: later + .seconds(1))
            }
            #expect(try await subject.work.find(tokens[0].id)?.usedAt == later + .seconds(1))
            #expect(try await subject.work.find(tokens[1].id)?.usedAt == nil)
        },
        AccountsWorkBehaviour("a link keeps the session that asked for it") { subject in
            try await subject.work.add(try Sample.account(1))
            let token = ValidationToken(
                id: Sample.validationID(1), userID: Sample.userID(1), purpose: .emailChange, address: nil,
                createdAt: Sample.now, expiresAt: Sample.now + .seconds(60), sessionID: Sample.sessionID(9))
            try await subject.work.write { try $0.validations.insert(token) }
            #expect(try await subject.work.find(token.id) == token)
        },
        AccountsWorkBehaviour("a link is used up once, and the first time counts") { subject in
            try await subject.work.add(try Sample.account(1))
            let id = Sample.validationID(1)
            try await subject.work.write { try $0.validations.insert(Sample.validation(1, of: 1)) }
            #expect(try await subject.work.write { try $0.validations.markUsed(id, at: Sample.now) })
            #expect(
                try await subject.work.write { try $0.validations.markUsed(id, at: Sample.now + .seconds(1)) } == false)
            #expect(try await subject.work.find(id)?.usedAt == Sample.now)
            let unknown = try await subject.work.write {
                try $0.validations.markUsed(Sample.validationID(2), at: Sample.now)
            }
            #expect(!unknown)
        },
        AccountsWorkBehaviour("of many who use one link at once, one does it") { subject in
            try await subject.work.add(try Sample.account(1))
            try await subject.work.write { try $0.validations.insert(Sample.validation(1, of: 1)) }
            let count = try await successes(of: 20) {
                try await subject.work.write { try $0.validations.markUsed(Sample.validationID(1), at: Sample.now) }
            }
            #expect(count == 1)
        },
    ]
}

/// How many of so many tasks at once say yes.
func successes(of count: Int, _ body: @escaping @Sendable () async throws -> Bool) async throws -> Int {
    try await withThrowingTaskGroup(of: Bool.self) { group in
        for _ in 0..<count { group.addTask { try await body() } }
        var successes = 0
        for try await isDone in group where isDone { successes += 1 }
        return successes
    }
}
