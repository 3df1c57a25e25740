import AccountsApplication
import AccountsContract
import Authorization
import HTTP
import Shared

/// Where a user is signed in, for administrators.
struct UserSessionRoutes: Sendable {
    let users: ManageUsersService
    let gate: any Gate

    var routes: [Route] { [listRoute, endAllRoute, endRoute] }

    private var listRoute: Route {
        Route(
            .get, "/users/{id}/sessions",
            Operation(
                "listUserSessions", "A user's living sessions, the last used first", tag: UserRoutes.tag,
                answers: [.json(200, PageOutput<UserSessionAnswer>.self, "A part of the list"), .problem(.notFound)]),
            needs: .permission(AccountsPermission.usersRead), gate: gate, reads: .query(PageQuery.self)
        ) { request, query, _ in
            guard let sessions = try await users.sessions(of: try request.pathID()) else { throw Problem(.notFound) }
            let answers = sessions.map { UserSessionAnswer(session: $0) }
            return .json(PageOutput(Page(of: answers, query.page) { $0.session.id.description }))
        }
    }

    private var endAllRoute: Route {
        Route(
            .delete, "/users/{id}/sessions",
            Operation(
                "endUserSessions", "Sign a user out everywhere", tag: UserRoutes.tag,
                answers: [.empty(204, "The sessions are over"), .problem(.notFound)]),
            needs: .permission(AccountsPermission.usersWrite), gate: gate
        ) { request, principal in
            try await users.endSessions(of: try request.pathID(), by: principal).answer()
        }
    }

    private var endRoute: Route {
        Route(
            .delete, "/users/{id}/sessions/{session_id}",
            Operation(
                "endUserSession", "End one of a user's sessions", tag: UserRoutes.tag,
                answers: [.empty(204, "The session is over"), .problem(.notFound)]),
            needs: .permission(AccountsPermission.usersWrite), gate: gate
        ) { request, principal in
            let (user, session): (UserID, SessionID) = (try request.pathID(), try request.pathID(1))
            return try await users.endSession(session, of: user, by: principal).answer()
        }
    }
}
