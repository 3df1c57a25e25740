import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import Testing

extension AccountsWorkBehaviour {
    static let unitsOfWork = [
        AccountsWorkBehaviour("what is committed is there with its events and its lines in the audit log, in order") {
            subject in
            try await subject.work.write { context in
                _ = try context.users.insert(try Sample.account(1))
                try context.publish(UserCreated(userID: Sample.userID(1), validationID: nil))
                try context.publish(UserVerified(userID: Sample.userID(1)))
                try context.audit(.done("user.registered", by: "system"))
                try context.audit(.refused("session.open", because: "test", by: "anonymous"))
            }
            #expect(try await subject.work.find(Sample.userID(1)) != nil)
            #expect(try await subject.publishedTypes() == ["user.created", "user.verified"])
            #expect(try await subject.auditedActions() == ["user.registered", "session.open"])
        },
        AccountsWorkBehaviour("what throws leaves nothing: no row, no event, no line in the audit log") {
            subject async throws in
            await #expect(throws: Stop.self) {
                try await subject.work.write { context in
                    _ = try context.users.insert(try Sample.account(1))
                    let session = Sample.session(1, of: 1)
                    try context.sessions.insert(session, refreshToken: Sample.refreshToken(session))
                    try context.validations.insert(Sample.validation(1, of: 1))
                    try context.publish(UserCreated(userID: Sample.userID(1), validationID: nil))
                    try context.audit(.done("user.registered", by: "system"))
                    throw Stop()
                }
            }
            #expect(try await subject.work.find(Sample.userID(1)) == nil)
            #expect(try await subject.work.find(Sample.sessionID(1)) == nil)
            #expect(try await subject.work.find(Sample.validationID(1)) == nil)
            #expect(try await subject.publishedTypes() == [])
            #expect(try await subject.auditedActions() == [])
        },
        AccountsWorkBehaviour("a unit of work sees its own changes") { subject in
            try await subject.work.write { context in
                let account = try Sample.account(1)
                _ = try context.users.insert(account)
                #expect(try context.users.find(account.user.id) == account)
                try context.users.delete(account.user.id)
                #expect(try context.users.find(account.user.id) == nil)
            }
        },
        AccountsWorkBehaviour("a unit of work that reads cannot change anything") { subject in
            let account = try Sample.account(1)
            try await subject.work.add(account)
            await #expect(throws: (any Error).self) {
                try await subject.work.read { try $0.users.delete(account.user.id) }
            }
            await #expect(throws: (any Error).self) {
                try await subject.work.read { try $0.publish(UserVerified(userID: account.user.id)) }
            }
            await #expect(throws: (any Error).self) {
                try await subject.work.read { try $0.audit(.done("user.verified", by: "system")) }
            }
            #expect(try await subject.work.find(account.user.id) == account)
            #expect(try await subject.publishedTypes() == [])
            #expect(try await subject.auditedActions() == [])
        },
        AccountsWorkBehaviour("units of work that lock the same account come one after the other") { subject in
            try await subject.work.add(try Sample.account(1))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await subject.work.write { context in
                            guard var account = try context.users.lock(Sample.userID(1)) else { throw Stop() }
                            account.user.updatedAt = account.user.updatedAt + .milliseconds(1)
                            try context.users.update(account.user)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await subject.work.find(Sample.userID(1))?.user.updatedAt == Sample.now + .milliseconds(20))
        },
    ]
}

private struct Stop: Error {}
