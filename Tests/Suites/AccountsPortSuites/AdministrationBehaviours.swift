import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import TestSupport
import Testing

extension AccountsWorkBehaviour {
    static let administration = [
        AccountsWorkBehaviour("only others who are active, verified and not blocked count as able administrators") {
            subject in
            for number in 1...7 as ClosedRange<UInt64> {
                var account = try Sample.account(number, role: number == 7 ? nil : .admin)
                account.user.isVerified = number != 2
                account.user.isActive = number != 3
                if number == 4 { account.user.block = UserBlock(reason: "spam", until: nil) }
                if number == 5 { account.user.block = UserBlock(reason: "spam", until: Sample.now + .seconds(1)) }
                try await subject.work.add(account)
            }
            for (number, count) in [(1, 1), (6, 1), (2, 2), (7, 2)] as [(UInt64, Int)] {
                let able = try await subject.work.write {
                    try $0.users.lockAdministrators(besides: Sample.userID(number), ableAt: Sample.now)
                }
                #expect(able == count, "besides \(number)")
            }
            let later = Sample.now + .seconds(1)
            let able = try await subject.work.write {
                try $0.users.lockAdministrators(besides: Sample.userID(1), ableAt: later)
            }
            #expect(able == 2)
        },
        AccountsWorkBehaviour("of administrators who take each other's rights at once, one stays") { subject in
            for way in Going.allCases {
                let numbers: [UInt64] = [1, 2, 3]
                for number in numbers {
                    try await subject.work.write { try $0.users.delete(Sample.userID(number)) }
                    var account = try Sample.account(number, role: .admin)
                    account.user.isVerified = true
                    try await subject.work.add(account)
                }
                let refused = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in numbers {
                        group.addTask { try await subject.isRefused(way, Sample.userID(number)) }
                    }
                    var refused = 0
                    for try await isRefused in group where isRefused { refused += 1 }
                    return refused
                }
                #expect(refused == 1, "\(way)")
                let able = try await subject.work.write {
                    try $0.users.lockAdministrators(besides: Sample.userID(9), ableAt: Sample.now)
                }
                #expect(able == 1, "\(way)")
            }
        },
        AccountsWorkBehaviour("a session that is opened while its user is blocked does not live on") { subject in
            var account = try Sample.account(1)
            account.user.isVerified = true
            try await subject.work.add(account)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...20 as ClosedRange<UInt64> {
                    group.addTask {
                        if number == 10 {
                            let command = BlockUserCommand(id: Sample.userID(1), reason: "spam", actor: Sample.actor)
                            _ = try await subject.manageUsers.block(command)
                        }
                        try await subject.work.openSession(number, of: Sample.userID(1))
                    }
                }
                try await group.waitForAll()
            }
            let sessions = try await subject.work.read { try $0.sessions.all(of: Sample.userID(1)) }
            #expect(sessions.allSatisfy { $0.revocationReason == .blocked })
            let revoked = try await subject.publishedTypes().count { $0 == "session.revoked" }
            #expect(revoked == sessions.count)
        },
        AccountsWorkBehaviour("edits, a block and a deactivation at once are all kept") { subject in
            try await subject.work.add(try Sample.account(1))
            let (id, actor) = (Sample.userID(1), Sample.actor)
            try await withThrowingTaskGroup(of: Void.self) { group in
                let updates = [
                    UpdateUserCommand(id: id, username: .set("ana"), actor: actor),
                    UpdateUserCommand(id: id, firstName: .set("Ana"), actor: actor),
                    UpdateUserCommand(id: id, locale: "id", actor: actor),
                    UpdateUserCommand(id: id, isActive: false, actor: actor),
                ]
                for update in updates + updates {
                    group.addTask { _ = try await subject.manageUsers.update(update) }
                }
                group.addTask {
                    _ = try await subject.manageUsers.block(BlockUserCommand(id: id, reason: "spam", actor: actor))
                }
                try await group.waitForAll()
            }
            let record = try #require(try await subject.administration.find(id))
            #expect(record.username == "ana" && record.firstName == "Ana" && record.locale == "id")
            #expect(!record.standing.isActive && record.standing.isBlocked(at: Sample.now))
            #expect(try await subject.publishedTypes().count { $0 == "user.deactivated" } == 1)
            #expect(try await subject.auditedActions().count { $0 == "user.updated" } == 3)
        },
        AccountsWorkBehaviour("of many who make one account at once, one does") { subject in
            let email = try #require(EmailAddress("ana@example.com"))
            let outcomes = try await withThrowingTaskGroup(of: CreateUserOutcome.self) { group in
                for number in 1...10 {
                    let id = UserID(
                        Identifier(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0000 | UInt64(number)))
                    group.addTask {
                        let command = CreateUserCommand(id: id, email: email, actor: Sample.actor)
                        return try await subject.manageUsers.create(command)
                    }
                }
                var outcomes: [CreateUserOutcome] = []
                for try await outcome in group { outcomes.append(outcome) }
                return outcomes
            }
            #expect(outcomes.count { $0 == .emailTaken } == 9)
            #expect(try await subject.publishedTypes() == ["user.created", "user.password_reset_requested"])
            #expect(try await subject.auditedActions() == ["user.created"])
        },
        AccountsWorkBehaviour("of many runs of one request each is answered with the one account that it makes") {
            subject in
            let email = try #require(EmailAddress("ana@example.com"))
            let outcomes = try await withThrowingTaskGroup(of: CreateUserOutcome.self) { group in
                for _ in 1...10 {
                    group.addTask {
                        let command = CreateUserCommand(id: Sample.userID(1), email: email, actor: Sample.actor)
                        return try await subject.manageUsers.create(command)
                    }
                }
                var outcomes: [CreateUserOutcome] = []
                for try await outcome in group { outcomes.append(outcome) }
                return outcomes
            }
            let record = try #require(try await subject.administration.find(Sample.userID(1)))
            #expect(outcomes.allSatisfy { $0 == .created(record) })
            #expect(try await subject.auditedActions() == ["user.created"])
        },
        AccountsWorkBehaviour("an account is deleted once") { subject in
            try await subject.work.add(try Sample.account(1))
            let deleted = try await withThrowingTaskGroup(of: ManageUserOutcome.self) { group in
                for _ in 1...10 {
                    group.addTask { try await subject.manageUsers.delete(Sample.userID(1), by: Sample.actor) }
                }
                var deleted = 0
                for try await outcome in group where outcome == .ended { deleted += 1 }
                return deleted
            }
            #expect(deleted == 1)
            #expect(try await subject.publishedTypes() == ["user.deleted"])
        },
    ]

    enum Going: CaseIterable, Sendable {
        case dismissed, deleted, deactivated, blocked
    }
}

extension AccountsWorkSubject {
    fileprivate func isRefused(_ way: AccountsWorkBehaviour.Going, _ id: UserID) async throws -> Bool {
        let actor = Sample.actor
        return switch way {
        case .dismissed: try await administration.setAdministrator(false, of: id, by: actor) == .lastAdministrator
        case .deleted: try await manageUsers.delete(id, by: actor) == .lastAdministrator
        case .deactivated:
            try await manageUsers.update(UpdateUserCommand(id: id, isActive: false, actor: actor))
                == .lastAdministrator
        case .blocked:
            try await manageUsers.block(BlockUserCommand(id: id, reason: "spam", actor: actor)) == .lastAdministrator
        }
    }

    fileprivate var administration: UserAdministrationService {
        UserAdministrationService(work: work, clock: ManualClock(Sample.now))
    }

    fileprivate var manageUsers: ManageUsersService {
        ManageUsersService(
            work: work, hasher: NoPasswords(), passwords: NoPasswords(), cover: EverybodyIsCovered(),
            clock: ManualClock(Sample.now), identifiers: TimeOrderedIdentifierSource(),
            validationLifetime: .seconds(600), linkLifetime: .seconds(600), tokenLifetime: .seconds(600))
    }
}

private struct EverybodyIsCovered: RuleOfCover {
    func mayAct(_ principal: Principal, on user: User) -> Bool { true }
}

extension AccountsWork {
    /// As every way of signing in does it.
    fileprivate func openSession(_ number: UInt64, of userID: UserID) async throws {
        try await write { context in
            guard let user = try context.users.lock(userID)?.user, user.signInObstacle(at: Sample.now) == nil else {
                return
            }
            let session = Sample.session(number, of: 1)
            try context.sessions.insert(session, refreshToken: Sample.refreshToken(session))
        }
    }
}

/// For behaviours without passwords.
private struct NoPasswords: PasswordHasher, PasswordPolicy {
    func hash(_: Secret<String>) async throws -> String { throw InternalFailure("not planned") }
    func verify(_: Secret<String>, against _: String?) async throws -> Bool { throw InternalFailure("not planned") }
    func place(of _: EmailAddress) -> String { "" }
    func needsRenewal(_: String, provedBy _: Secret<String>) -> Bool { false }

    func password(_ text: Secret<String>, for address: EmailAddress) throws(Password.Weakness) -> Password {
        try Password(normalized: text.reveal(), for: address, isCommon: { _ in false })
    }
}
