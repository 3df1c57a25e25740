import Authorization
import HTTP
import Lists
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import Shared

/// What became of events at a webhook, and sending them again.
struct WebhookDeliveryRoutes: Sendable {
    let log: WebhookLogService
    let gate: any Gate
    let cursors: ListCursors
    let clock: any WallClock

    var routes: [Route] { [listRoute, readRoute, redeliverRoute, redeliverRangeRoute] }

    private var listRoute: Route {
        Route(
            list: "/webhooks/{id}/deliveries",
            Operation(
                "listWebhookDeliveries", "Events at a webhook, the newest first, with the beginning of the last answer",
                tag: WebhookRoutes.tag, answers: [.problem(.notFound)]),
            needs: .permission(NotificationsPermission.webhooksRead), gate: gate, cursors: cursors,
            reads: WebhookDeliveriesQuery.self
        ) { request, query, part, _ in
            guard let page = try await log.list(of: try request.pathID(), query.state, part) else {
                throw Problem(.notFound)
            }
            return page.map { WebhookDeliveryAnswer(delivery: $0) }
        }
    }

    private var readRoute: Route {
        Route(
            .get, "/webhooks/{id}/deliveries/{delivery}",
            Operation(
                "readWebhookDelivery", "An event at a webhook", tag: WebhookRoutes.tag,
                answers: [.json(200, WebhookDeliveryAnswer.self, "The delivery"), .problem(.notFound)]),
            needs: .permission(NotificationsPermission.webhooksRead), gate: gate
        ) { request, _ in
            guard let delivery = try await log.find(try request.pathID(1), of: try request.pathID()) else {
                throw Problem(.notFound)
            }
            return .json(WebhookDeliveryAnswer(delivery: delivery))
        }
    }

    private var redeliverRoute: Route {
        Route(
            .post, "/webhooks/{id}/deliveries/{delivery}/redeliver",
            Operation(
                "redeliverWebhookDelivery", "Send an event again, under the same `webhook-id`", tag: WebhookRoutes.tag,
                answers: [
                    .json(200, WebhookDeliveryAnswer.self, "The delivery"), .problem(.notFound),
                    .problem(.webhookDisabled),
                ]),
            needs: .permission(NotificationsPermission.webhooksWrite), gate: gate
        ) { request, principal in
            let outcome = try await log.restart(try request.pathID(1), of: try request.pathID(), by: principal)
            guard let delivery = try outcome.deliveries.first else { throw Problem(.notFound) }
            return .json(WebhookDeliveryAnswer(delivery: delivery))
        }
    }

    private var redeliverRangeRoute: Route {
        Route(
            .post, "/webhooks/{id}/redeliver",
            Operation(
                "redeliverWebhook",
                "Send the events from `since` to before `until` again that were given up, or `delivered`, or `all` that "
                    + "have ended: the oldest 1,000 at most",
                tag: WebhookRoutes.tag,
                answers: [
                    .json(200, RedeliveredAnswer.self, "How many"), .problem(.notFound), .problem(.webhookDisabled),
                ]),
            needs: .permission(NotificationsPermission.webhooksWrite), gate: gate, reads: .body(RedeliverBody.self)
        ) { request, body, principal in
            let outcome = try await log.restart(
                from: body.start, to: body.end ?? clock.now, body.states, of: try request.pathID(), by: principal)
            return .json(RedeliveredAnswer(count: try outcome.deliveries.count))
        }
    }
}

extension WebhookLogService.RestartOutcome {
    /// - Throws: a problem for every other outcome.
    fileprivate var deliveries: [WebhookDelivery] {
        get throws(Problem) {
            switch self {
            case .done(let deliveries): return deliveries
            case .unknown: throw Problem(.notFound)
            case .isDisabled: throw Problem(.webhookDisabled)
            }
        }
    }
}
