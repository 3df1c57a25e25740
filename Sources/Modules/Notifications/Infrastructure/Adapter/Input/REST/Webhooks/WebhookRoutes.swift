import Authorization
import HTTP
import Idempotency
import Lists
import NotificationsApplication
import NotificationsContract
import NotificationsDomain
import Shared

/// Other systems that hear of events.
struct WebhookRoutes: Sendable {
    let webhooks: ManageWebhooksService
    let test: TestWebhookService
    let gate: any Gate
    let idempotency: IdempotencyKeys
    let cursors: ListCursors

    static let tag = "Webhooks"

    var routes: [Route] {
        [
            listRoute, createRoute, readRoute, changeRoute, switchRoute("enable", isEnabled: true),
            switchRoute("disable", isEnabled: false), rotateRoute, testRoute, deleteRoute,
        ]
    }

    private var listRoute: Route {
        Route(
            list: "/webhooks", Operation("listWebhooks", "The webhooks, the newest first", tag: Self.tag),
            needs: .permission(NotificationsPermission.webhooksRead), gate: gate, cursors: cursors,
            reads: PageQuery.self
        ) { _, _, part, _ in
            Page(of: try await webhooks.list().map { WebhookAnswer(endpoint: $0) }, part) {
                NewestFirst($0.endpoint.id)
            }
        }
    }

    private var createRoute: Route {
        Route(
            .post, "/webhooks",
            Operation(
                "createWebhook", "Send events to a URL. The secret that signs them is shown once", tag: Self.tag,
                answers: [.json(201, WebhookSecretAnswer.self, "The webhook"), .problem(.tooManyWebhooks)]),
            needs: .permission(NotificationsPermission.webhooksWrite), gate: gate, once: idempotency,
            secrets: [WebhookSecretAnswer.secret], reads: .body(CreateWebhookBody.self)
        ) { body, principal, id in
            let outcome = try await webhooks.create(WebhookEndpointID(id), body.settings, by: principal)
            return .created(try outcome.answer, at: "/webhooks/\(id)")
        }
    }

    private var readRoute: Route {
        Route(
            .get, "/webhooks/{id}",
            Operation(
                "readWebhook", "A webhook", tag: Self.tag,
                answers: [.json(200, WebhookAnswer.self, "The webhook"), .problem(.notFound)]),
            needs: .permission(NotificationsPermission.webhooksRead), gate: gate
        ) { request, _ in
            guard let endpoint = try await webhooks.find(try request.pathID()) else { throw Problem(.notFound) }
            return .json(WebhookAnswer(endpoint: endpoint))
        }
    }

    private var changeRoute: Route {
        Route(
            .patch, "/webhooks/{id}",
            Operation(
                "changeWebhook", "Change a webhook; what is absent stays", tag: Self.tag,
                answers: [.json(200, WebhookAnswer.self, "The webhook"), .problem(.notFound)]),
            needs: .permission(NotificationsPermission.webhooksWrite), gate: gate,
            reads: .body(ChangeWebhookBody.self)
        ) { request, body, principal in
            let outcome = try await webhooks.change(try request.pathID(), by: principal, body.apply)
            return .json(WebhookAnswer(endpoint: try outcome.endpoint))
        }
    }

    private func switchRoute(_ verb: String, isEnabled: Bool) -> Route {
        Route(
            .post, PathTemplate(stringLiteral: "/webhooks/{id}/\(verb)"),
            Operation(
                "\(verb)Webhook",
                isEnabled
                    ? "Send events again; those of the time between are sent by `redeliver` only"
                    : "Send no more events; what is on its way is given up",
                tag: Self.tag, answers: [.json(200, WebhookAnswer.self, "The webhook"), .problem(.notFound)]),
            needs: .permission(NotificationsPermission.webhooksWrite), gate: gate
        ) { request, principal in
            let outcome = try await webhooks.setEnabled(isEnabled, try request.pathID(), by: principal)
            return .json(WebhookAnswer(endpoint: try outcome.endpoint))
        }
    }

    private var rotateRoute: Route {
        Route(
            .post, "/webhooks/{id}/rotate-secret",
            Operation(
                "rotateWebhookSecret",
                "Make another secret, which is shown once. Events have the signatures of both for 24 hours",
                tag: Self.tag,
                answers: [.json(200, WebhookSecretAnswer.self, "The webhook"), .problem(.notFound)]),
            needs: .permission(NotificationsPermission.webhooksWrite), gate: gate
        ) { request, principal in
            .json(try await webhooks.rotateSecret(try request.pathID(), by: principal).answer)
        }
    }

    private var testRoute: Route {
        Route(
            .post, "/webhooks/{id}/test",
            Operation(
                "testWebhook", "Send an event of the type `webhook.test` now, and see how the receiver answers",
                tag: Self.tag,
                answers: [
                    .json(200, WebhookAttemptAnswer.self, "What became of it"), .problem(.notFound),
                    .problem(.webhookPaused),
                ]),
            needs: .permission(NotificationsPermission.webhooksWrite), gate: gate
        ) { request, principal in
            switch try await test(try request.pathID(), by: principal) {
            case .tried(let attempt): return .json(WebhookAttemptAnswer(attempt: attempt))
            case .unknown: throw Problem(.notFound)
            case .paused(let pause):
                throw Problem(.webhookPaused, headers: [("Retry-After", String(max(1, pause.secondsRoundedUp)))])
            }
        }
    }

    private var deleteRoute: Route {
        Route(
            .delete, "/webhooks/{id}",
            Operation(
                "deleteWebhook", "Remove a webhook with its deliveries", tag: Self.tag,
                answers: [.empty(204, "The webhook is gone"), .problem(.notFound)]),
            needs: .permission(NotificationsPermission.webhooksWrite), gate: gate
        ) { request, principal in
            guard try await webhooks.delete(try request.pathID(), by: principal) else { throw Problem(.notFound) }
            return .noContent()
        }
    }
}
