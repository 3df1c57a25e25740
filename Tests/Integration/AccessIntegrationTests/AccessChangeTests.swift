import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import AccountsContractDoubles
import ChangeFeeds
import DatabaseSupport
import SQL
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("Hearing of changes")
struct AccessChangeTests {
    /// Two processes that remember what there is.
    private func withProcesses(
        _ body: (AccessHouse, _ one: AccessAdapters, _ other: AccessAdapters) async throws -> Void
    ) async throws {
        try await withAccessHouse { house in
            try house.addUser()
            try await body(house, try await house.process(), try await house.process())
        }
    }

    @Test("a plan counts at once in the process that changes it, in another one after its next read")
    func plans() async throws {
        try await withProcesses { house, one, other in
            for process in [one, other] { #expect(try await house.standing(process)?.plan.plan == .free) }
            try await house.grant(.pro, version: 1, one)
            #expect(try await house.standing(one)?.plan.plan == .pro)
            #expect(try await house.standing(other)?.plan.plan == .free)
            try await other.feed.read()
            #expect(try await house.standing(other)?.plan.plan == .pro)
        }
    }

    @Test("roles and their assignment count in the same way")
    func roles() async throws {
        try await withProcesses { house, one, other in
            let right = try #require(Permission("one:use"))
            let role = Role(
                id: house.identifiers.next(), tenantID: nil, name: "editor", permissions: PermissionSet([right]),
                createdAt: house.clock.now, updatedAt: house.clock.now)
            func passes(_ process: AccessAdapters) async throws -> Bool {
                try await house.standing(process)?.rights.passes(right, .ofTests) == true
            }
            for process in [one, other] { #expect(try await !passes(process)) }
            let now = house.clock.now
            try await one.work.write { context in
                _ = try context.roles.insert(role)
                try context.roles.setRoles(of: AccessHouse.ana.value, to: [role.id], at: now)
                try context.changed(.user(AccessHouse.ana.value), at: now)
            }
            func held(_ process: AccessAdapters) -> PermissionSet? {
                process.roleAssignments.permissions(of: AccessHouse.ana.value, at: now)
            }
            #expect(held(one) == role.permissions && held(other) == .empty)
            #expect(try await passes(one))
            #expect(try await house.standing(one)?.roles == ["editor"])
            try await other.feed.read()
            #expect(held(other) == role.permissions)
            #expect(try await passes(other))
            var changed = role
            changed.permissions = .empty
            let next = changed
            try await other.work.write { context in
                _ = try context.roles.update(next)
                try context.changed(.roles, at: now)
            }
            #expect(try await !passes(other))
            #expect(try await passes(one))
            #expect(held(other) == .empty && held(one) == role.permissions)
            try await one.feed.read()
            #expect(held(one) == .empty)
            #expect(try await !passes(one))
        }
    }

    @Test("services count in the same way")
    func services() async throws {
        try await withProcesses { house, one, other in
            let service = try await house.addService("one", one)
            #expect(one.services.service("one") == service && other.services.service("one") == nil)
            try await other.feed.read()
            #expect(other.services.service("one") == service && other.services.all == [service])
        }
    }

    @Test("a key that is revoked opens nothing at once here, and in another process after its next read")
    func keys() async throws {
        try await withProcesses { house, one, other in
            let (key, text) = try await house.addKey(["one:use"], one)
            for process in [one, other] {
                #expect(try await process.credentials.apiKey(text, at: house.clock.now) == key)
            }
            let now = house.clock.now
            try await one.work.write { context in
                guard var stored = try context.apiKeys.lock(key.id) else { return }
                _ = stored.revoke(at: now)
                try context.apiKeys.update(stored)
                try context.changed(.apiKey(key.id), at: now)
            }
            #expect(try await one.credentials.apiKey(text, at: now) == nil)
            #expect(try await other.credentials.apiKey(text, at: now) != nil)
            try await other.feed.read()
            #expect(try await other.credentials.apiKey(text, at: now) == nil)
        }
    }

    @Test("what Accounts tells of somebody counts at once; the end of a block nobody tells")
    func accounts() async throws {
        try await withProcesses { house, one, _ in
            #expect(try await house.standing(one)?.isGood == true)
            try house.addUser(block: UserBlock(reason: "spam", until: house.clock.now + .milliseconds(500)))
            #expect(try await house.standing(one)?.isGood == false)
            house.clock.advance(by: .milliseconds(500))
            #expect(try await house.standing(one)?.isGood == true)
            try house.addUser(isActive: false)
            #expect(try await house.standing(one)?.isGood == false)
            house.accounts.remove(AccessHouse.ana)
            #expect(try await house.standing(one) == nil)
            try house.addUser(isAdministrator: true)
            #expect(try await house.standing(one)?.roles == ["admin"])
            #expect(try await house.standing(one)?.rights.platform == .all)
        }
    }

    @Test("a plan that ends is over without anybody's telling")
    func planEnd() async throws {
        try await withProcesses { house, one, _ in
            try await house.grant(.pro, until: house.clock.now + .milliseconds(500), version: 1, one)
            #expect(try await house.standing(one)?.plan.plan == .pro)
            house.clock.advance(by: .milliseconds(500))
            #expect(try await house.standing(one)?.plan.plan == .free)
        }
    }

    @Test("what is rolled back is not heard of")
    func rolledBack() async throws {
        struct Stop: Error {}
        try await withProcesses { house, one, other async throws in
            _ = try await house.standing(one)
            let now = house.clock.now
            await #expect(throws: Stop.self) {
                try await one.work.write { context in
                    try context.changed(.user(AccessHouse.ana.value), at: now)
                    throw Stop()
                }
            }
            let calls = house.accounts.standingCalls
            try await one.feed.read()
            _ = try await house.standing(one)
            #expect(house.accounts.standingCalls == calls)
        }
    }

    @Test("a count that one process has put back is forgotten once in each other one")
    func usage() async throws {
        try await withProcesses { house, one, other in
            let now = house.clock.now
            try await one.work.write { try $0.changed(.usage(.user(AccessHouse.ana.value)), at: now) }
            // The double is the meter of both processes. Who tells of it has done it.
            for _ in 0..<3 { try await one.feed.read() }
            #expect(house.meter.calls.isEmpty)
            for _ in 0..<3 { try await other.feed.read() }
            #expect(house.meter.calls.count == 1)
            let late = try await house.process()
            try await late.feed.read()
            #expect(house.meter.calls.count == 1)
        }
    }

    @Test("rows that become visible up to ten seconds late are found; each is told once")
    func overlap() async throws {
        try await withProcesses { house, one, other in
            _ = try await house.standing(other)
            let before = house.clock.now
            house.clock.advance(by: .seconds(10))
            try await other.feed.read()
            try await one.work.write { try $0.changed(.user(AccessHouse.ana.value), at: before) }
            var calls = house.accounts.standingCalls
            try await other.feed.read()
            _ = try await house.standing(other)
            #expect(house.accounts.standingCalls == calls + 1)
            calls = house.accounts.standingCalls
            try await other.feed.read()
            _ = try await house.standing(other)
            #expect(house.accounts.standingCalls == calls)
        }
    }

    @Test("a read that began before a change is not remembered after it")
    func race() async throws {
        try await withProcesses { house, one, _ in
            house.accounts.duringNextStanding { try await house.grant(.pro, version: 1, one) }
            // The entitlement is read after the account here, so it is the new one; what matters is that it is asked again.
            _ = try await house.standing(one)
            let calls = house.accounts.standingCalls
            #expect(try await house.standing(one)?.plan.plan == .pro)
            #expect(house.accounts.standingCalls == calls + 1)
        }
    }

    @Test("without a read for two seconds a process does not know, and asks: once, for all who wait")
    func stale() async throws {
        try await withAccessHouse { house in
            try house.addUser()
            let database = GuardedDatabase(house.database)
            let process = try await house.process(database)
            house.clock.advance(by: .seconds(2) - .milliseconds(1))
            #expect(process.feed.isCurrent(at: house.clock.now))
            var uses = database.useCount
            try await process.freshness.refreshIfStale(at: house.clock.now)
            #expect(database.useCount == uses)
            house.clock.advance(by: .milliseconds(1))
            #expect(!process.feed.isCurrent(at: house.clock.now))
            database.takeAway()
            await #expect(throws: Unavailable.self) { try await process.freshness.refreshIfStale(at: house.clock.now) }
            #expect(!process.feed.isCurrent(at: house.clock.now))
            database.takeAway(false)
            uses = database.useCount
            try await process.freshness.refreshIfStale(at: house.clock.now)
            #expect(process.feed.isCurrent(at: house.clock.now) && database.useCount == uses + 1)
        }
    }

    @Test("what memory could not follow after a commit is told again at the next read")
    func failedListener() async throws {
        try await withAccessHouse { house in
            let database = GuardedDatabase(house.database)
            let process = try await house.process(database)
            let other = try await house.process()
            let service = try await house.addService("one", other)
            try await process.feed.read()
            database.takeAway()
            // The row is there, but the services cannot be read again.
            await process.feed.committed([NumberedChange(number: 1_000, change: .services)])
            #expect(!process.feed.isCurrent(at: house.clock.now))
            database.takeAway(false)
            let now = house.clock.now
            try await house.database.write { transaction in
                try transaction.execute(
                    "INSERT INTO access_changes (number, kind, created_at) VALUES (\(1_000), 'services', \(now))")
            }
            try await house.database.write { try SQLServiceRepository(transaction: $0).delete(service.id) }
            try await process.freshness.refreshIfStale(at: now)
            #expect(process.services.all.isEmpty && process.feed.isCurrent(at: now))
        }
    }

    @Test("what a newer version of the program tells of makes everything stale")
    func unknownKind() async throws {
        try await withDatabase(.postgres, AccessHouse.schemas) { database in
            let house = AccessHouse(database)
            try house.addUser()
            let process = try await house.process()
            _ = try await house.standing(process)
            let (calls, now) = (house.accounts.standingCalls, house.clock.now)
            try await database.write { transaction in
                // As its migration would have it.
                try transaction.execute("ALTER TABLE access_changes DROP CONSTRAINT access_changes_kind_check")
                try transaction.execute(
                    "INSERT INTO access_changes (kind, subject, created_at) VALUES ('tenant', 'x', \(now))")
            }
            try await process.feed.read()
            _ = try await house.standing(process)
            #expect(house.accounts.standingCalls == calls + 1 && process.feed.isCurrent(at: now))
        }
    }

    @Test("a process that did not read for very long forgets all")
    func longAbsence() async throws {
        try await withProcesses { house, one, other in
            _ = try await house.standing(other)
            try await house.grant(.pro, version: 1, one)
            let horizon = house.clock.now + .milliseconds(1)
            let removal = try #require(SQLAccessChanges().removal(before: horizon, limit: 100))
            try await house.database.write { _ = try $0.execute(removal) }
            #expect(try await house.changes().isEmpty)
            house.clock.advance(by: .seconds(13 * 3_600))
            try await other.feed.read()
            #expect(try await house.standing(other)?.plan.plan == .pro)
        }
    }
}
