import AccessApplication
import AccessContract
import AccessDomain
import ChangeFeeds
import DatabaseSupport
import Retention
import SQL
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("The clean-up of Access over many rows")
struct CleanUpPlanTests {
    @Test("each statement goes by an index", arguments: Dialect.allCases)
    func plans(_ dialect: Dialect) async throws {
        let house = try MeterHouse()
        try await withDatabase(dialect, [.module("Access")]) { database in
            let planned = PlannedDatabase(database)
            let feed = ChangeFeed(
                "access changes", database: planned, source: SQLAccessChanges(), interval: .seconds(1),
                clock: house.clock, logger: .silent)
            let prunes =
                feed.prunes + MeterCleanUp(database: planned, clock: house.clock).prunes
                + [SQLKeyUseRepository.prune(in: planned)]
            #expect(prunes.count == 8)
            for prune in prunes { #expect(try await prune.remove(at: house.clock.now) == 0) }
            try await feed.read()
            let journal = SQLCounterJournal(database: planned, keys: SubjectKeys(house.masterKey))
            #expect(try await journal.overdue(at: house.clock.now, limit: 10).isEmpty)
            #expect(planned.scans == [])
            #expect(planned.statementCount >= 8)
        }
    }
}
