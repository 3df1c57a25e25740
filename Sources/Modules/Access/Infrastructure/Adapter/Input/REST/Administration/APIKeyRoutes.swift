import AccessApplication
import AccessContract
import AccessDomain
import AccountsContract
import Authorization
import HTTP
import Idempotency
import Lists
import Shared

/// Keys of programs: everybody's own, and other people's by right.
struct APIKeyRoutes: Sendable {
    let keys: any ManageAPIKeys
    let gate: any Gate
    let idempotency: IdempotencyKeys
    let cursors: ListCursors
    let clock: any WallClock

    private static let tag = "API keys"

    var routes: [Route] { [listRoute, createRoute, readRoute, revokeRoute] }

    private var listRoute: Route {
        Route(
            list: "/api-keys",
            Operation(
                "listAPIKeys",
                "The caller's own keys, the newest first; a user's (`user_id`) or `all` with `api_keys:read`",
                tag: Self.tag, answers: [.problem(.permissionDenied)]),
            needs: .personOrKey, gate: gate, cursors: cursors, reads: APIKeysQuery.self
        ) { _, query, part, principal in
            let whose: APIKeyListing = query.isForAll ? .everybody : query.userID.map { .of($0) } ?? .own
            switch try await keys.list(whose, part, for: principal) {
            case .permissionDenied: throw Problem.needs(AccessPermission.apiKeysRead)
            case .listed(let page): return page.map(answer)
            }
        }
    }

    private var createRoute: Route {
        Route(
            .post, "/api-keys",
            Operation(
                "createAPIKey",
                "Make a key, whose text is shown once, of scopes that the caller has himself; for another `user_id` with "
                    + "`api_keys:write`",
                tag: Self.tag, answers: [.json(201, NewAPIKeyAnswer.self, "The key"), .problem(.tooManyAPIKeys)]),
            needs: .person, gate: gate, once: idempotency, secrets: [NewAPIKeyAnswer.secret],
            reads: .body(CreateAPIKeyBody.self)
        ) { body, principal, id in
            let command = CreateAPIKeyCommand(
                id: APIKeyID(id), draft: body.draft, owner: body.owner, principal: principal)
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
            Operation(
                "readAPIKey", "A key; somebody else's with `api_keys:read`", tag: Self.tag,
                answers: [.json(200, APIKeyAnswer.self, "The key"), .problem(.notFound)]),
            needs: .personOrKey, gate: gate
        ) { request, principal in
            guard let key = try await keys.find(try request.pathID(), for: principal) else {
                throw Problem(.notFound)
            }
            return .json(answer(key))
        }
    }

    private var revokeRoute: Route {
        Route(
            .delete, "/api-keys/{id}",
            Operation(
                "revokeAPIKey", "Revoke a key, everywhere within a second; somebody else's with `api_keys:write`",
                tag: Self.tag, answers: [.empty(204, "The key opens nothing any more"), .problem(.notFound)]),
            needs: .person, gate: gate
        ) { request, principal in
            switch try await keys.revoke(try request.pathID(), by: principal) {
            case .revoked: return .noContent()
            case .unknown: throw Problem(.notFound)
            case .permissionDenied: throw Problem.needs(AccessPermission.apiKeysWrite)
            }
        }
    }

    @Sendable private func answer(_ key: APIKey) -> APIKeyAnswer { APIKeyAnswer(key: key, now: clock.now) }
}
