import AccessApplication
import AccessDomain
import DatabaseSupport
import SQL
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("The lists of Access over many rows")
struct ListPlanTests {
    @Test("each part of the keys is found in its order, everybody's and a holder's", arguments: Dialect.allCases)
    func keys(_ dialect: Dialect) async throws {
        let id = SequentialIdentifiers.identifier(9)
        let holders: [(APIKey.Holder?, String)] = [
            (nil, ""), (.user(id), "api_keys_of_user"), (.platform, "api_keys_of_kind"),
        ]
        try await withDatabase(dialect, [.module("Access")]) { database in
            for (holder, index) in holders {
                for after in [nil, NewestFirst(id)] {
                    let planned = PlannedDatabase(database)
                    try await planned.read { transaction in
                        let part = PageRequest(limit: 25, after: after)
                        _ = try SQLAPIKeyRepository(transaction: transaction).list(of: holder, part)
                    }
                    let plan = try #require(planned.lists.first)
                    #expect(planned.lists.count == 1 && !plan.sorts, "\(plan)")
                    #expect(index.isEmpty ? plan.goesAlong("api_keys") : plan.goes(by: index), "\(plan)")
                }
            }
        }
    }
}
