import AccountsApplication
import AccountsContract
import AccountsDomain
import DatabaseSupport
import SQL
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("The lists of Accounts over many rows")
struct ListPlanTests {
    /// The one list that work reads.
    private func plan(
        _ database: any Database, _ read: @escaping @Sendable (any AccountsContext, Timestamp) throws -> Void
    ) async throws -> ListPlan {
        let planned = PlannedDatabase(database)
        let clock = ManualClock()
        try await AccountsHouse(planned, clock: clock).work.read { try read($0, clock.now) }
        #expect(planned.lists.count == 1)
        return try #require(planned.lists.first)
    }

    private static let last = SequentialIdentifiers.identifier(9)

    @Test(
        "each part of the users is found in its order, and what few have by an index of its own",
        arguments: Dialect.allCases)
    func users(_ dialect: Dialect) async throws {
        let rare: [(UserFilter, String)] = [
            (UserFilter(isActive: false), "users_inactive"), (UserFilter(isVerified: false), "users_unverified"),
            (UserFilter(isBlocked: true), "users_blocked"),
            (UserFilter(text: "ana", isActive: true, isBlocked: true, isAdministrator: false), "users_blocked"),
        ]
        // What most have, and a piece of text, are looked for along the accounts.
        let common = [
            UserFilter(), UserFilter(isActive: true), UserFilter(isVerified: true), UserFilter(isBlocked: false),
            UserFilter(isAdministrator: false), UserFilter(text: "ana"),
        ]
        try await withDatabase(dialect, AccountsHouse.schemas) { database in
            for after in [nil, UserID(Self.last)] {
                for (filter, index) in rare {
                    let plan = try await plan(database) {
                        _ = try $0.users.search(filter, after: after, limit: 26, at: $1)
                    }
                    #expect(plan.goes(by: index) && !plan.sorts, "\(filter): \(plan)")
                }
                for filter in common {
                    let plan = try await plan(database) {
                        _ = try $0.users.search(filter, after: after, limit: 26, at: $1)
                    }
                    #expect(plan.goesAlong("users") && !plan.sorts, "\(filter): \(plan)")
                }
                // Of the administrators all are found, and then put into order.
                let administrators = try await plan(database) {
                    _ = try $0.users.search(UserFilter(isAdministrator: true), after: after, limit: 26, at: $1)
                }
                #expect(administrators.description.contains("platform_roles"), "\(administrators)")
                #expect(!administrators.description.contains("SCAN users"), "\(administrators)")
            }
        }
    }

    @Test("each part of a person's sessions is found in its order", arguments: Dialect.allCases)
    func sessions(_ dialect: Dialect) async throws {
        try await withDatabase(dialect, AccountsHouse.schemas) { database in
            for after in [nil, NewestFirst(Self.last)] {
                let plan = try await plan(database) { context, now in
                    let part = PageRequest(limit: 25, after: after)
                    _ = try context.sessions.usable(of: UserID(Self.last), at: now, usedAfter: now, part)
                }
                #expect(plan.goes(by: "sessions_user", "sessions_of_user") && !plan.sorts, "\(plan)")
            }
        }
    }
}
