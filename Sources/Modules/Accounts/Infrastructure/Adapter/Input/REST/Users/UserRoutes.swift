import AccountsApplication
import AccountsContract
import Authorization
import HTTP
import Idempotency
import Lists
import Shared

/// People's accounts, for administrators.
struct UserRoutes: Sendable {
    let users: ManageUsersService
    let gate: any Gate
    let idempotency: IdempotencyKeys
    let cursors: ListCursors
    let clock: any WallClock

    static let tag = "Users"

    var routes: [Route] { [searchRoute, createRoute, readRoute, updateRoute, deleteRoute, blockRoute, unblockRoute] }

    private var searchRoute: Route {
        Route(
            list: "/users",
            Operation(
                "searchUsers", "Users, the newest first; `search` is found in addresses and user names", tag: Self.tag),
            needs: .permission(AccountsPermission.usersRead), gate: gate, cursors: cursors, reads: UsersQuery.self
        ) { _, query, part, _ in try await users.search(query.filter, part).map(answer) }
    }

    private var createRoute: Route {
        Route(
            .post, "/users",
            Operation(
                "createUser", "Create an account; a mail goes out where its owner has to do something", tag: Self.tag,
                answers: [.json(201, ManagedUserAnswer.self, "The account"), .problem(.emailTaken)]),
            needs: .permission(AccountsPermission.usersWrite), gate: gate, once: idempotency,
            reads: .body(CreateUserBody.self)
        ) { body, principal, id in
            let command = CreateUserCommand(
                id: UserID(id), email: body.email, password: body.password, username: body.username,
                firstName: body.firstName, lastName: body.lastName, locale: body.locale, isVerified: body.isVerified,
                actor: principal)
            switch try await users.create(command) {
            case .created(let user): return .created(answer(user), at: "/users/\(user.id)")
            case .emailTaken: throw Problem(.emailTaken)
            case .weakPassword(let weakness): throw weakness.problem("password")
            }
        }
    }

    private var readRoute: Route {
        Route(
            .get, "/users/{id}",
            Operation(
                "readUser", "A user", tag: Self.tag,
                answers: [.json(200, ManagedUserAnswer.self, "The user"), .problem(.notFound)]),
            needs: .permission(AccountsPermission.usersRead), gate: gate
        ) { request, _ in
            guard let user = try await users.find(try request.pathID()) else { throw Problem(.notFound) }
            return .json(answer(user))
        }
    }

    private var updateRoute: Route {
        Route(
            .patch, "/users/{id}",
            Operation(
                "updateUser", "Change a user; null clears, what is absent stays", tag: Self.tag,
                answers: [
                    .json(200, ManagedUserAnswer.self, "The user"), .problem(.notFound), .problem(.lastAdministrator),
                ]),
            needs: .permission(AccountsPermission.usersWrite), gate: gate, reads: .body(UpdateUserBody.self)
        ) { request, body, principal in
            let command = UpdateUserCommand(
                id: try request.pathID(), username: body.username, firstName: body.firstName, lastName: body.lastName,
                locale: body.locale, isActive: body.isActive, actor: principal)
            return try answer(try await users.update(command))
        }
    }

    private var deleteRoute: Route {
        Route(
            .delete, "/users/{id}",
            Operation(
                "deleteUser", "Erase a user with everything that belongs to them", tag: Self.tag,
                answers: [
                    .empty(204, "The account is gone"), .problem(.notFound), .problem(.lastAdministrator),
                ]),
            needs: .permission(AccountsPermission.usersWrite), gate: gate
        ) { request, principal in
            try answer(try await users.delete(try request.pathID(), by: principal))
        }
    }

    private var blockRoute: Route {
        Route(
            .post, "/users/{id}/block",
            Operation(
                "blockUser", "Block a user, everywhere within a second; ends the sessions", tag: Self.tag,
                answers: [
                    .json(200, ManagedUserAnswer.self, "The user"), .problem(.notFound), .problem(.lastAdministrator),
                ]),
            needs: .permission(AccountsPermission.usersWrite), gate: gate, reads: .body(BlockUserBody.self)
        ) { request, body, principal in
            let command = BlockUserCommand(
                id: try request.pathID(), reason: body.reason, until: body.until, actor: principal)
            return try answer(try await users.block(command))
        }
    }

    private var unblockRoute: Route {
        Route(
            .post, "/users/{id}/unblock",
            Operation(
                "unblockUser", "Lift a user's block", tag: Self.tag,
                answers: [.json(200, ManagedUserAnswer.self, "The user"), .problem(.notFound)]),
            needs: .permission(AccountsPermission.usersWrite), gate: gate
        ) { request, principal in
            try answer(try await users.unblock(try request.pathID(), by: principal))
        }
    }

    @Sendable private func answer(_ user: UserRecord) -> ManagedUserAnswer {
        ManagedUserAnswer(user: user, now: clock.now)
    }

    private func answer(_ outcome: ManageUserOutcome) throws(Problem) -> Response {
        if case .done(let user) = outcome { return .json(answer(user)) }
        return try outcome.answer()
    }
}

extension ManageUserOutcome {
    /// The answer where the user is not shown.
    func answer() throws(Problem) -> Response {
        switch self {
        case .done, .ended: return .noContent()
        case .unknown: throw Problem(.notFound)
        case .permissionDenied:
            throw Problem(.permissionDenied, "This user has permissions that the caller does not have")
        case .lastAdministrator: throw Problem(.lastAdministrator)
        case .blockIsOver: throw Problem.validation([FieldError("until", "must be in the future")])
        }
    }
}
