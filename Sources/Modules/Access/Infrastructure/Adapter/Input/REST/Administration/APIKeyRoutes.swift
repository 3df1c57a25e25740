import AccessApplication
import AccessContract
import AccessDomain
import AccountsContract
import HTTP
import Idempotency
import Shared

/// Keys of programs: everybody's own, and other people's by right.
struct APIKeyRoutes: Sendable {
    let keys: any ManageAPIKeys
    let gate: AdministratorGate
    let idempotency: IdempotencyKeys
    let clock: any WallClock

    private static let tag = "API keys"

    var routes: [Route] { [listRoute, createRoute, readRoute, revokeRoute] }

    private var listRoute: Route {
        Route(
            .get, "/api-keys",
            GuardedOperation(
                "listAPIKeys",
                "The caller's own keys, the newest first; a user's (`user_id`) or `all` with `api_keys:read`",
                tag: Self.tag, needs: nil,
                answers: [
                    .json(200, PageOutput<APIKeyAnswer>.self, "A part of the list"), .problem(.permissionDenied),
                ]),
            query: APIKeysQuery.self, gate
        ) { _, query, administrator in
            let whose: APIKeyListing = query.isForAll ? .everybody : query.userID.map { .of($0) } ?? .own
            switch try await keys.list(whose, query.page, for: administrator) {
            case .permissionDenied: throw Problem(.permissionDenied, "This needs the permission api_keys:read")
            case .listed(let page):
                return .json(PageOutput(Page(items: page.items.map(answer), nextCursor: page.nextCursor)))
            }
        }
    }

    private var createRoute: Route {
        Route(
            .post, "/api-keys",
            GuardedOperation(
                "createAPIKey",
                "Make a key, whose text is shown once, of scopes that the caller has himself; for another `user_id` with "
                    + "`api_keys:write`",
                tag: Self.tag, needs: nil, isForKeys: false,
                answers: [.json(201, NewAPIKeyAnswer.self, "The key"), .problem(.tooManyAPIKeys)]),
            once: idempotency, secrets: [NewAPIKeyAnswer.secret], body: CreateAPIKeyBody.self, gate
        ) { body, administrator, id in
            let command = CreateAPIKeyCommand(
                id: APIKeyID(id), draft: body.draft, owner: body.owner, administrator: administrator)
            switch try await keys.create(command) {
            case .created(let key, let text):
                return .created(NewAPIKeyAnswer(answer: answer(key), text: text), at: "/api-keys/\(key.id)")
            case .invalid(let invalid): throw Problem.validation(invalid)
            case .unknownOwner: throw Problem.validation([FieldError("user_id", "is not a user")])
            case .permissionDenied:
                throw Problem(.permissionDenied, "The scopes or the owner are beyond what the caller may")
            case .tooMany: throw Problem(.tooManyAPIKeys, "At most \(APIKey.openMax) keys may be open")
            }
        }
    }

    private var readRoute: Route {
        Route(
            .get, "/api-keys/{id}",
            GuardedOperation(
                "readAPIKey", "A key; somebody else's with `api_keys:read`", tag: Self.tag, needs: nil,
                answers: [.json(200, APIKeyAnswer.self, "The key"), .problem(.notFound)]),
            gate
        ) { request, administrator in
            guard let key = try await keys.find(try request.pathID(), for: administrator) else {
                throw Problem(.notFound)
            }
            return .json(answer(key))
        }
    }

    private var revokeRoute: Route {
        Route(
            .delete, "/api-keys/{id}",
            GuardedOperation(
                "revokeAPIKey", "Revoke a key, everywhere within a second; somebody else's with `api_keys:write`",
                tag: Self.tag, needs: nil, isForKeys: false,
                answers: [.empty(204, "The key opens nothing any more"), .problem(.notFound)]),
            gate
        ) { request, administrator in
            switch try await keys.revoke(try request.pathID(), by: administrator) {
            case .revoked: return .noContent()
            case .unknown: throw Problem(.notFound)
            case .permissionDenied: throw Problem(.permissionDenied, "This needs the permission api_keys:write")
            }
        }
    }

    @Sendable private func answer(_ key: APIKey) -> APIKeyAnswer { APIKeyAnswer(key: key, now: clock.now) }
}
