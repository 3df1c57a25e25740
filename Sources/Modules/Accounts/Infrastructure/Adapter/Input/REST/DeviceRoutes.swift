import AccountsApplication
import AccountsContract
import AccountsDomain
import HTTP
import Shared

/// The caller's own devices.
struct DeviceRoutes: Sendable {
    let sessions: any ManageSessions
    let authenticator: Authenticator

    private static let tag = "Sessions"

    var routes: [Route] { [listRoute, revokeRoute] }

    private var listRoute: Route {
        Route(
            .get, "/me/sessions",
            Operation(
                "listSessions", "The caller's living sessions, the last used first", tag: Self.tag, security: .signedIn,
                answers: [.json(200, PageOutput<SessionAnswer>.self, "A part of the list")]),
            query: PageQuery.self, signedInBy: authenticator
        ) { _, query, caller in
            let sessions = try await sessions.list(caller)
            let answers = sessions.map { SessionAnswer(session: $0, isCurrent: $0.id == caller.sessionID) }
            return .json(PageOutput(Page(of: answers, query.page) { $0.session.id.description }))
        }
    }

    private var revokeRoute: Route {
        Route(
            .delete, "/me/sessions/{id}",
            Operation(
                "revokeSession", "End one of the caller's sessions", tag: Self.tag, security: .signedIn,
                answers: [.empty(204, "The session is over"), .problem(.notFound)]),
            signedInBy: authenticator
        ) { request, caller in
            guard let id = request.pathValues.first.flatMap({ SessionID(text: $0) }),
                try await sessions.revoke(id, caller, client: request.client)
            else { throw Problem(.notFound) }
            return .noContent()
        }
    }
}
