import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import Testing

extension AccountsWorkBehaviour {
    static let unitsOfWork = [
        AccountsWorkBehaviour("every repository is part of the unit of work: what throws leaves nothing") {
            subject async throws in
            await #expect(throws: Stop.self) {
                try await subject.work.write { context in
                    _ = try context.users.insert(try Sample.account(1))
                    let session = Sample.session(1, of: 1)
                    try context.sessions.insert(session, refreshToken: Sample.refreshToken(session))
                    try context.validations.insert(Sample.validation(1, of: 1))
                    throw Stop()
                }
            }
            #expect(try await subject.work.find(Sample.userID(1)) == nil)
            #expect(try await subject.work.find(Sample.sessionID(1)) == nil)
            #expect(try await subject.work.find(Sample.validationID(1)) == nil)
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
        AccountsWorkBehaviour("a unit of work that reads cannot change an account") { subject in
            let account = try Sample.account(1)
            try await subject.work.add(account)
            await #expect(throws: InternalFailure.self) {
                try await subject.work.read { try $0.users.delete(account.user.id) }
            }
            #expect(try await subject.work.find(account.user.id) == account)
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
