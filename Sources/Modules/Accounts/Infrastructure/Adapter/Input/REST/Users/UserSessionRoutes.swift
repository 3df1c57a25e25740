import AccountsApplication
import AccountsContract
import Authorization
import HTTP
import Lists
import Shared

/// Where a user is signed in, for administrators.
struct UserSessionRoutes: Sendable {
    let users: ManageUsersService
    let gate: any Gate
    let cursors: ListCursors

    var routes: [Route] { [listRoute, endAllRoute, endRoute] }

    private var listRoute: Route {
        Route(
            list: "/users/{id}/sessions",
            Operation(
                "listUserSessions", "A user's living sessions, the newest first", tag: UserRoutes.tag,
                answers: [.problem(.notFound)]),
            needs: .permission(AccountsPermission.usersRead), gate: gate, cursors: cursors, reads: PageQuery.self
        ) { request, _, part, _ in
            guard let sessions = try await users.sessions(of: try request.pathID(), part) else {
                throw Problem(.notFound)
            }
            return sessions.map { UserSessionAnswer(session: $0) }
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
