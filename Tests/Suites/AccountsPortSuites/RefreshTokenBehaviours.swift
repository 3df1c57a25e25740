import AccountsApplication
import AccountsDomain
import Shared
import TestSupport
import Testing

extension AccountsWorkBehaviour {
    static let refreshTokens = [
        AccountsWorkBehaviour("a session's first token is its current one, and is found by its hash") { subject in
            let first = try await subject.openSession()
            #expect(try await subject.current() == first)
            #expect(try await subject.find(first) == first)
            let others = [
                RefreshTokenReading(sessionID: first.sessionID, generation: 0, hash: [UInt8](repeating: 9, count: 32)),
                RefreshTokenReading(sessionID: first.sessionID, generation: 1, hash: first.hash),
                RefreshTokenReading(sessionID: Sample.sessionID(2), generation: 0, hash: first.hash),
            ]
            for other in others {
                #expect(try await subject.work.read { try $0.sessions.refreshToken(other) } == nil)
            }
            #expect(
                try await subject.work.read { try $0.sessions.currentRefreshToken(of: Sample.session(2, of: 1)) } == nil
            )
        },
        AccountsWorkBehaviour("locking a session finds what find finds") { subject in
            _ = try await subject.openSession()
            let locked = try await subject.work.write { try $0.sessions.lock(Sample.sessionID(1)) }
            #expect(locked == Sample.session(1, of: 1))
            #expect(try await subject.work.write { try $0.sessions.lock(Sample.sessionID(2)) } == nil)
        },
        AccountsWorkBehaviour("a rotation puts the successor in place, and its parent leads to it") { subject in
            let first = try await subject.openSession()
            let second = try await subject.rotate(first, to: 2, after: 60)
            #expect(try await subject.current() == second)
            var parent = first
            parent.spentAt = Sample.now + .seconds(60)
            parent.successor = second.jti
            #expect(try await subject.find(first) == parent)
            let session = try await subject.work.find(Sample.sessionID(1))
            #expect(session?.generation == 1)
            #expect(session?.branch == 0)
            #expect(session?.lastUsed == Sample.now + .seconds(60))
        },
        AccountsWorkBehaviour("a branch replaces the successor: parent and successor lead to it") { subject in
            let first = try await subject.openSession()
            let lost = try await subject.rotate(first, to: 2, after: 60)
            let branch = try await subject.rotate(first, to: 3, generation: 1, branch: 1, after: 120)
            #expect(try await subject.current() == branch)
            for token in [first, lost] {
                let spent = try #require(try await subject.find(token))
                #expect(spent.successor == branch.jti)
                #expect(spent.spentAt == Sample.now + .seconds(120))
            }
            #expect(try await subject.work.find(Sample.sessionID(1))?.branch == 1)
        },
        AccountsWorkBehaviour("a rotation forgets what was spent before the horizon, but for what was presented") {
            subject in
            let first = try await subject.openSession()
            let second = try await subject.rotate(first, to: 2, after: 60)
            let third = try await subject.rotate(second, to: 3, generation: 2, after: 120, horizon: 60)
            // Spent at the horizon is not before it.
            #expect(try await subject.find(first) != nil)
            let fourth = try await subject.rotate(third, to: 4, generation: 3, after: 180, horizon: 121)
            #expect(try await subject.find(first) == nil)
            #expect(try await subject.find(second) == nil)
            _ = try await subject.rotate(third, to: 5, generation: 3, branch: 1, after: 9_000, horizon: 8_000)
            #expect(try await subject.find(third) != nil)
            #expect(try await subject.find(fourth)?.successor == Sample.jti(5))
        },
        AccountsWorkBehaviour("what a burst of rotations left is forgotten little by little by those after it") {
            subject in
            var tokens = [try await subject.openSession()]
            for number in 1...20 {
                tokens.append(
                    try await subject.rotate(tokens[number - 1], to: UInt64(number) + 1, generation: number, after: 1))
            }
            for number in 21...40 {
                tokens.append(
                    try await subject.rotate(
                        tokens[number - 1], to: UInt64(number) + 1, generation: number, after: number * 60,
                        horizon: number * 60 - 30))
            }
            for forgotten in tokens.dropLast(2) { #expect(try await subject.find(forgotten) == nil) }
            #expect(try await subject.find(tokens[39])?.successor == tokens[40].jti)
            #expect(try await subject.current() == tokens[40])
        },
        AccountsWorkBehaviour("a rotation touches no other session") { subject in
            let first = try await subject.openSession()
            let other = Sample.session(2, of: 1)
            try await subject.work.add(other)
            _ = try await subject.rotate(first, to: 2, after: 60, horizon: 60)
            #expect(
                try await subject.work.read { try $0.sessions.currentRefreshToken(of: other) }
                    == Sample.refreshToken(other))
            #expect(try await subject.work.find(other.id) == other)
        },
        AccountsWorkBehaviour("ending a session spends its current token") { subject in
            let first = try await subject.openSession()
            _ = try await subject.work.write {
                try $0.sessions.revoke(Sample.sessionID(1), at: Sample.now, reason: .logout)
            }
            #expect(try await subject.find(first)?.spentAt == Sample.now)
        },
        AccountsWorkBehaviour("units of work that lock the same session come one after the other") { subject in
            _ = try await subject.openSession()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await subject.work.write { context in
                            var session = try #require(try context.sessions.lock(Sample.sessionID(1)))
                            let current = try #require(try context.sessions.currentRefreshToken(of: session))
                            session.generation += 1
                            let next = Sample.refreshToken(UInt64(session.generation) + 1, session.generation)
                            try context.sessions.rotate(
                                session, presented: current, to: next, at: Sample.now, forgettingBefore: Sample.now)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await subject.work.find(Sample.sessionID(1))?.generation == 20)
            #expect(try await subject.current()?.generation == 20)
        },
    ]
}

extension AccountsWorkSubject {
    fileprivate func openSession() async throws -> RefreshTokenRecord {
        try await work.add(try Sample.account(1))
        let session = Sample.session(1, of: 1)
        try await work.add(session)
        return Sample.refreshToken(session)
    }

    fileprivate func current() async throws -> RefreshTokenRecord? {
        try await work.read { context in
            try context.sessions.find(Sample.sessionID(1)).flatMap { try context.sessions.currentRefreshToken(of: $0) }
        }
    }

    fileprivate func find(_ token: RefreshTokenRecord) async throws -> RefreshTokenRecord? {
        let reading = RefreshTokenReading(
            sessionID: token.sessionID, generation: token.generation, hash: token.hash)
        return try await work.read { try $0.sessions.refreshToken(reading) }
    }

    /// - Parameters:
    ///   - number: of the successor.
    ///   - seconds: when, counted from the beginning; `horizon` likewise.
    fileprivate func rotate(
        _ presented: RefreshTokenRecord, to number: UInt64, generation: Int = 1, branch: Int = 0, after seconds: Int,
        horizon: Int = 0
    ) async throws -> RefreshTokenRecord {
        var session = Sample.session(1, of: 1)
        session.generation = generation
        session.branch = branch
        session.lastUsed = Sample.now + .seconds(seconds)
        let (rotated, successor) = (session, Sample.refreshToken(number, generation))
        try await work.write {
            try $0.sessions.rotate(
                rotated, presented: presented, to: successor, at: Sample.now + .seconds(seconds),
                forgettingBefore: Sample.now + .seconds(horizon))
        }
        return successor
    }
}

extension Sample {
    static func jti(_ number: UInt64) -> Identifier { SequentialIdentifiers.identifier(3_000 + number) }

    /// A token of the first session.
    static func refreshToken(_ number: UInt64, _ generation: Int) -> RefreshTokenRecord {
        RefreshTokenRecord(
            sessionID: sessionID(1), jti: jti(number), hash: jti(number).bytes + jti(number).bytes,
            generation: generation, createdAt: now, expiresAt: now + .seconds(86_400))
    }
}
