import AccessApplication
import AccessDomain
import AccountsContract
import HTTP
import Idempotency
import Shared

/// People's accounts, for administrators.
struct UserRoutes: Sendable {
    let users: any ManageUsers
    let gate: AdministratorGate
    let idempotency: IdempotencyKeys
    let clock: any WallClock

    static let tag = "Users"

    var routes: [Route] { [searchRoute, createRoute, readRoute, updateRoute, deleteRoute, blockRoute, unblockRoute] }

    private var searchRoute: Route {
        Route(
            .get, "/users",
            GuardedOperation(
                "searchUsers", "Users, the newest first; `search` is found in addresses and user names", tag: Self.tag,
                needs: GapuraPermission.usersRead,
                answers: [.json(200, PageOutput<ManagedUserAnswer>.self, "A part of the list")]),
            query: UsersQuery.self, gate
        ) { _, query, _ in
            let page = try await users.search(query.filter, query.page)
            return .json(PageOutput(Page(items: page.items.map(answer), nextCursor: page.nextCursor)))
        }
    }

    private var createRoute: Route {
        Route(
            .post, "/users",
            GuardedOperation(
                "createUser", "Create an account; a mail goes out where its owner has to do something", tag: Self.tag,
                needs: GapuraPermission.usersWrite,
                answers: [.json(201, ManagedUserAnswer.self, "The account"), .problem(.emailTaken)]),
            once: idempotency, body: CreateUserBody.self, gate
        ) { body, administrator, id in
            let command = CreateUserCommand(
                id: UserID(id), email: body.email, password: body.password, username: body.username,
                firstName: body.firstName, lastName: body.lastName, locale: body.locale, isVerified: body.isVerified,
                actor: administrator.actor)
            switch try await users.create(command) {
            case .created(let user): return .created(answer(user), at: "/users/\(user.id)")
            case .emailTaken: throw Problem(.emailTaken)
            case .weakPassword(let weakness): throw Problem.validation([weakness.fieldError])
            }
        }
    }

    private var readRoute: Route {
        Route(
            .get, "/users/{id}",
            GuardedOperation(
                "readUser", "A user", tag: Self.tag, needs: GapuraPermission.usersRead,
                answers: [.json(200, ManagedUserAnswer.self, "The user"), .problem(.notFound)]),
            gate
        ) { request, _ in
            guard let user = try await users.find(try request.pathID()) else { throw Problem(.notFound) }
            return .json(answer(user))
        }
    }

    private var updateRoute: Route {
        Route(
            .patch, "/users/{id}",
            GuardedOperation(
                "updateUser", "Change a user; null clears, what is absent stays", tag: Self.tag,
                needs: GapuraPermission.usersWrite,
                answers: [
                    .json(200, ManagedUserAnswer.self, "The user"), .problem(.notFound), .problem(.lastAdministrator),
                ]),
            body: UpdateUserBody.self, gate
        ) { request, body, administrator in
            let command = UpdateUserCommand(
                id: try request.pathID(), username: body.username, firstName: body.firstName, lastName: body.lastName,
                locale: body.locale, isActive: body.isActive, actor: administrator.actor)
            return try answer(try await users.update(command, by: administrator))
        }
    }

    private var deleteRoute: Route {
        Route(
            .delete, "/users/{id}",
            GuardedOperation(
                "deleteUser", "Erase a user with everything that belongs to him", tag: Self.tag,
                needs: GapuraPermission.usersWrite,
                answers: [
                    .empty(204, "The account is gone"), .problem(.notFound), .problem(.lastAdministrator),
                ]),
            gate
        ) { request, administrator in
            try answer(try await users.delete(try request.pathID(), by: administrator))
        }
    }

    private var blockRoute: Route {
        Route(
            .post, "/users/{id}/block",
            GuardedOperation(
                "blockUser", "Block a user, everywhere within a second; ends the sessions", tag: Self.tag,
                needs: GapuraPermission.usersWrite,
                answers: [
                    .json(200, ManagedUserAnswer.self, "The user"), .problem(.notFound), .problem(.lastAdministrator),
                ]),
            body: BlockUserBody.self, gate
        ) { request, body, administrator in
            let command = BlockUserCommand(
                id: try request.pathID(), reason: body.reason, until: body.until, actor: administrator.actor)
            return try answer(try await users.block(command, by: administrator))
        }
    }

    private var unblockRoute: Route {
        Route(
            .post, "/users/{id}/unblock",
            GuardedOperation(
                "unblockUser", "Lift a user's block", tag: Self.tag, needs: GapuraPermission.usersWrite,
                answers: [.json(200, ManagedUserAnswer.self, "The user"), .problem(.notFound)]),
            gate
        ) { request, administrator in
            try answer(try await users.unblock(try request.pathID(), by: administrator))
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
