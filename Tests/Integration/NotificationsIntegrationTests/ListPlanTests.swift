import DatabaseSupport
import NotificationsContract
import NotificationsDomain
import SQL
import Shared
import TestSupport
import Testing

@testable import NotificationsInfrastructure

@Suite("The lists of Notifications over many rows")
struct ListPlanTests {
    @Test("each part of a webhook's deliveries is found in its order, and what few are in by an index of its own")
    func deliveries() async throws {
        let id = SequentialIdentifiers.identifier(9)
        let states: [(WebhookDelivery.State?, String)] = [
            (nil, "webhook_deliveries_of_endpoint"), (.delivered, "webhook_deliveries_of_endpoint"),
            (.pending, "webhook_deliveries_pending"), (.failed, "webhook_deliveries_failed"),
        ]
        try await withEachDatabase([.messaging, .jobs, .audit, .module("Notifications")]) { database in
            for (state, index) in states {
                for after in [nil, NewestFirst(id)] {
                    let planned = PlannedDatabase(database)
                    try await planned.read { transaction in
                        let part = PageRequest(limit: 25, after: after)
                        _ = try SQLWebhookDeliveryRepository(transaction: transaction).list(
                            of: WebhookEndpointID(id), state, part)
                    }
                    let plan = try #require(planned.lists.first)
                    #expect(plan.goes(by: index) && !plan.sorts, "\(index): \(plan)")
                }
            }
        }
    }
}
