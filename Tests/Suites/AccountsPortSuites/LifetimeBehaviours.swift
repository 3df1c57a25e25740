import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import Testing

extension AccountsWorkBehaviour {
    static let lifetimes = [
        AccountsWorkBehaviour("a profile is changed by itself") { subject in
            let account = try Sample.fullAccount(1)
            let other = try Sample.fullAccount(2)
            try await subject.work.add(account, other)
            for profile in [Profile(firstName: "Anna"), Profile(lastName: "Lima", image: "https://i.example/b")] {
                try await subject.work.write { try $0.users.update(profile, of: Sample.userID(1)) }
                #expect(
                    try await subject.work.find(Sample.userID(1)) == Account(user: account.user, profile: profile))
            }
            #expect(try await subject.work.find(Sample.userID(2)) == other)
        },
        AccountsWorkBehaviour("administrators are counted") { subject in
            for number in 1...3 as ClosedRange<UInt64> {
                try await subject.work.add(try Sample.account(number, role: number == 2 ? nil : .admin))
            }
            #expect(try await subject.work.write { try $0.users.lockAdministrators() } == 2)
        },
        AccountsWorkBehaviour("unproved accounts are found by their last change, the oldest first, up to a limit") {
            subject in
            for number in 1...4 as ClosedRange<UInt64> {
                var account = try Sample.account(number)
                account.user.isVerified = number == 3
                account.user.updatedAt = Sample.now - .seconds(Int(number))
                try await subject.work.add(account)
            }
            func unproved(_ limit: Int) async throws -> [UserID] {
                try await subject.work.read { try $0.users.unproved(before: Sample.now - .seconds(1), limit: limit) }
            }
            #expect(try await unproved(10) == [Sample.userID(4), Sample.userID(2)])
            #expect(try await unproved(1) == [Sample.userID(4)])
        },
        AccountsWorkBehaviour("the log's lines by and about somebody are read, the newest first") { subject in
            try await subject.writeLog()
            let lines = try await subject.work.read { try $0.auditTrail(about: "user:1") }
            #expect(lines.map(\.action) == ["session.open", "session.opened", "user.registered"])
            #expect(lines.map(\.outcome) == ["refused", "done", "done"])
            #expect(lines.map(\.reason) == ["invalid_credentials", nil, nil])
            #expect(lines.map(\.count) == [1, 1, 1])
            #expect(lines.map(\.personal) == [["address": "192.0.2.2"], ["address": "192.0.2.1"], [:]])
            #expect(try await subject.work.read { try $0.auditTrail(about: "user:3") }.isEmpty)
        },
        AccountsWorkBehaviour("personal data in the log's lines about somebody is forgotten; the lines stay") {
            subject in
            try await subject.writeLog()
            try await subject.work.write { try $0.eraseAuditData(about: "user:1") }
            let (mine, others) = try await subject.work.read {
                (try $0.auditTrail(about: "user:1"), try $0.auditTrail(about: "user:2"))
            }
            #expect(mine.count == 3)
            #expect(mine.allSatisfy { $0.personal.isEmpty })
            #expect(others.map(\.personal) == [["address": "192.0.2.3"]])
            #expect(try await subject.auditedActions().count == 4)
        },
        AccountsWorkBehaviour("what is over is removed after its time, and nothing else") { subject in
            let work = subject.work
            try await work.add(try Sample.account(1))
            try await work.add(Sample.session(1, of: 1))
            try await work.add(Sample.session(2, of: 1, expiresAt: Sample.now + .seconds(90 * 86_400)))
            try await work.add(Sample.session(3, of: 1, expiresAt: Sample.now + .seconds(90 * 86_400)))
            try await work.write { context in
                _ = try context.sessions.revoke(Sample.sessionID(2), at: Sample.now, reason: .logout)
                try context.validations.insert(Sample.validation(1, of: 1))
                try context.signInCodes.insert(Sample.code(1, of: 1))
                try context.signInFailures.save(Sample.failures("k", count: 1))
                try context.revocations.add(Revocation(of: .session(Sample.sessionID(2)), at: Sample.now))
            }
            func remove(after seconds: Int) async throws -> Int {
                try await work.write {
                    try $0.removeExpired(at: Sample.now + .seconds(seconds), limit: 100)
                }
            }
            let day = 86_400
            #expect(try await remove(after: day) == 0)
            #expect(try await remove(after: day + 601) == 3)
            #expect(try await work.read { try $0.signInCodes.find(Sample.codeID(1)) } == nil)
            #expect(try await work.read { try $0.signInFailures.find("k") } == nil)
            #expect(try await remove(after: 30 * day) == 0)
            #expect(try await remove(after: 30 * day + 601) == 3)
            #expect(try await work.find(Sample.sessionID(1)) == nil)
            #expect(try await work.find(Sample.sessionID(2)) == nil)
            #expect(try await work.find(Sample.sessionID(3)) != nil)
            #expect(try await work.find(Sample.validationID(1)) == nil)
            #expect(try await work.find(Sample.userID(1)) != nil)
        },
        AccountsWorkBehaviour("so many of each kind are removed at once, until nothing is left") { subject in
            try await subject.work.add(try Sample.account(1))
            try await subject.work.write { context in
                for number in 1...5 as ClosedRange<UInt64> {
                    try context.validations.insert(Sample.validation(number, of: 1))
                    try context.signInCodes.insert(Sample.code(number, of: 1))
                }
            }
            var removed: [Int] = []
            for _ in 1...4 {
                removed.append(
                    try await subject.work.write {
                        try $0.removeExpired(at: Sample.now + .seconds(60 * 86_400), limit: 2)
                    })
            }
            #expect(removed == [4, 4, 2, 0])
        },
    ]
}

extension AccountsWorkSubject {
    fileprivate func writeLog() async throws {
        let entries: [AuditEntry] = [
            .done("user.registered", by: "system", on: "user:1"),
            .done("session.opened", by: "user:1", on: "session:1", personal: ["address": "192.0.2.1"]),
            .done("session.opened", by: "user:2", on: "session:2", personal: ["address": "192.0.2.3"]),
            .refused(
                "session.open", because: "invalid_credentials", by: "anonymous", on: "user:1",
                personal: ["address": "192.0.2.2"]),
        ]
        try await work.write { context in
            for entry in entries { try context.audit(entry) }
        }
    }
}
