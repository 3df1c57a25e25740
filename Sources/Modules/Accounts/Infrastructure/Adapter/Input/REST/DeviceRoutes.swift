import AccountsApplication
import AccountsContract
import AccountsDomain
import Authorization
import HTTP
import Lists
import Shared

/// The caller's own devices.
struct DeviceRoutes: Sendable {
    let sessions: ManageSessionsService
    let gate: any Gate
    let cursors: ListCursors

    private static let tag = "Sessions"

    var routes: [Route] { [listRoute, revokeRoute] }

    private var listRoute: Route {
        Route(
            list: "/me/sessions",
            Operation("listSessions", "The caller's living sessions, the newest first", tag: Self.tag),
            needs: .session, gate: gate, cursors: cursors, reads: PageQuery.self
        ) { _, _, part, principal in
            let caller = try principal.caller
            return try await sessions.list(caller, part).map {
                SessionAnswer(session: $0, isCurrent: $0.id == caller.sessionID)
            }
        }
    }

    private var revokeRoute: Route {
        Route(
            .delete, "/me/sessions/{id}",
            Operation(
                "revokeSession", "End one of the caller's sessions", tag: Self.tag,
                answers: [.empty(204, "The session is over"), .problem(.notFound)]),
            needs: .session, gate: gate
        ) { request, principal in
            let caller = try principal.caller
            guard try await sessions.revoke(try request.pathID(), caller, client: request.client) else {
                throw Problem(.notFound)
            }
            return .noContent()
        }
    }
}
