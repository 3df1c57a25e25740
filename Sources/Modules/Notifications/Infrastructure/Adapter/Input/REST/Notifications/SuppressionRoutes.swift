import AccountsContract
import Authorization
import HTTP
import Idempotency
import Lists
import NotificationsApplication
import NotificationsDomain
import Shared

/// Addresses that get no mail.
struct SuppressionRoutes: Sendable {
    let suppressions: ManageSuppressionsService
    let gate: any Gate
    let idempotency: IdempotencyKeys
    let cursors: ListCursors

    var routes: [Route] { [listRoute, addRoute, removeRoute] }

    private var listRoute: Route {
        Route(
            list: "/notifications/suppressions",
            Operation(
                "listMailSuppressions",
                "Addresses that get no mail, by the address: their servers refused them, or staff added them",
                tag: NotificationRoutes.tag),
            needs: .permission(NotificationsPermission.notificationsRead), gate: gate, cursors: cursors,
            reads: PageQuery.self
        ) { _, _, part, _ in
            try await suppressions.list(part).map { SuppressionAnswer(suppression: $0) }
        }
    }

    private var addRoute: Route {
        Route(
            .post, "/notifications/suppressions",
            Operation(
                "addMailSuppression",
                "Send an address nothing more, not even what its account needs, until it is removed from this list",
                tag: NotificationRoutes.tag,
                answers: [.json(201, SuppressionAnswer.self, "The address")]),
            needs: .permission(NotificationsPermission.notificationsWrite), gate: gate, once: idempotency,
            reads: .body(AddSuppressionBody.self)
        ) { body, principal, _ in
            let added = try await suppressions.add(body.address, reason: body.reason, by: author(principal)).value
            let path = PercentCoding.encode(added.address.key)
            return .created(SuppressionAnswer(suppression: added), at: "/notifications/suppressions/\(path)")
        }
    }

    private var removeRoute: Route {
        Route(
            .delete, "/notifications/suppressions/{address}",
            Operation(
                "removeMailSuppression", "Send an address mails again", tag: NotificationRoutes.tag,
                answers: [.empty(204, "The address gets mails"), .problem(.notFound)]),
            needs: .permission(NotificationsPermission.notificationsWrite), gate: gate
        ) { request, principal in
            guard let address = request.pathValues.first.flatMap({ EmailAddress($0) }),
                try await suppressions.remove(address, by: author(principal)).value
            else { throw Problem(.notFound) }
            return .noContent()
        }
    }

    private func author(_ principal: Principal) -> ManageSuppressionsService.Author {
        .staff(principal) { [gate] owner in
            try gate.mayAct(principal, on: owner.userID.value, isAdministrator: owner.isAdministrator)
        }
    }
}

extension ManageSuppressionsService.Outcome {
    /// - Throws: a problem 403.
    fileprivate var value: Value {
        get throws(Problem) {
            guard case .done(let value) = self else {
                throw Problem(
                    .permissionDenied, "The owner of this address has permissions that the caller does not have")
            }
            return value
        }
    }
}
