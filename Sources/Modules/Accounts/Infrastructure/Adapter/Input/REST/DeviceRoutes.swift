import AccountsApplication
import AccountsContract
import AccountsDomain
import Authorization
import HTTP
import Shared

/// The caller's own devices.
struct DeviceRoutes: Sendable {
    let sessions: ManageSessionsService
    let gate: any Gate

    private static let tag = "Sessions"

    var routes: [Route] { [listRoute, revokeRoute] }

    private var listRoute: Route {
        Route(
            .get, "/me/sessions",
            Operation(
                "listSessions", "The caller's living sessions, the last used first", tag: Self.tag,
                answers: [.json(200, PageOutput<SessionAnswer>.self, "A part of the list")]),
            needs: .session, gate: gate, reads: .query(PageQuery.self)
        ) { _, query, principal in
            let caller = try principal.caller
            let sessions = try await sessions.list(caller)
            let answers = sessions.map { SessionAnswer(session: $0, isCurrent: $0.id == caller.sessionID) }
            return .json(PageOutput(Page(of: answers, query.page) { $0.session.id.description }))
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
