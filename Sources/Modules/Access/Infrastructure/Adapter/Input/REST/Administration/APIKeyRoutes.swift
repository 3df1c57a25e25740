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
    let keys: ManageAPIKeysService
    let change: ChangeAPIKeyService
    let rotate: RotateAPIKeyService
    let gate: any Gate
    let idempotency: IdempotencyKeys
    let cursors: ListCursors
    let clock: any WallClock

    private static let tag = "API keys"

    var routes: [Route] { [listRoute, createRoute, readRoute, changeRoute, rotateRoute, revokeRoute] }

    private var listRoute: Route {
        Route(
            list: "/api-keys",
            Operation(
                "listAPIKeys",
                "The caller's own keys, the newest first; a user's (`user_id`), a service account's "
                    + "(`service_account_id`) or `all` with `api_keys:read`",
                tag: Self.tag, answers: [.problem(.permissionDenied)]),
            needs: .personOrKey, gate: gate, cursors: cursors, reads: APIKeysQuery.self
        ) { _, query, part, principal in
            let whose: APIKeyListing =
                query.isForAll
                ? .everybody
                : query.serviceAccountID.map { .ofServiceAccount($0) } ?? query.userID.map { .of($0) } ?? .own
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
                "Make a key, whose text is shown once. A `personal` key opens the `services` that it lists (`*` for all but "
                    + "`gapura`, which is this API), with `scopes` that the caller has; anybody signed in makes their own, "
                    + "for another `user_id` it takes `api_keys:write` and that person's rights. A `service_account` key is "
                    + "the same for the account `service_account_id`, and takes `api_keys:write` and the account's rights. A "
                    + "`gateway` key asks about "
                    + "the `services` that it lists, belongs to nobody, and takes `api_keys:write` and `access:check:<slug>`",
                tag: Self.tag,
                answers: [
                    .json(201, NewAPIKeyAnswer.self, "The key"), .problem(.tooManyAPIKeys),
                    .problem(.mfaEnrolmentRequired),
                ]),
            needs: .person, stepUp: .fresh, gate: gate, once: idempotency, secrets: [NewAPIKeyAnswer.secret],
            reads: .body(CreateAPIKeyBody.self)
        ) { body, principal, id in
            if body.reachesPlatform { try await gate.requireAdministration(of: principal) }
            let command = CreateAPIKeyCommand(
                id: APIKeyID(id), draft: body.draft, owner: body.owner, serviceAccount: body.serviceAccount,
                principal: principal)
            switch try await keys.create(command) {
            case .created(let key, let text):
                return .created(NewAPIKeyAnswer(answer: answer(key), text: text), at: "/api-keys/\(key.id)")
            case .invalid(let invalid): throw Problem.validation(invalid)
            case .unknownOwner: throw Problem.validation([FieldError("user_id", "is not a user")])
            case .unknownServiceAccount:
                throw Problem.validation([FieldError("service_account_id", "is not a service account")])
            case .permissionDenied:
                throw Problem(
                    .permissionDenied,
                    "Scopes must be permissions that you have yourself; keys of other people, service accounts and gateways need api_keys:write as well"
                )
            case .tooMany(let max): throw Problem(.tooManyAPIKeys, "At most \(max) keys may be open")
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

    private var changeRoute: Route {
        Route(
            .patch, "/api-keys/{id}",
            Operation(
                "changeAPIKey",
                "Give a key another name, or let it open other services, everywhere within a second; what is absent stays. "
                    + "Somebody else's with `api_keys:write` and all that the key and its owner may do",
                tag: Self.tag,
                answers: [
                    .json(200, APIKeyAnswer.self, "The key"), .problem(.notFound), .problem(.apiKeyEnded),
                    .problem(.mfaEnrolmentRequired),
                ]),
            needs: .person, stepUp: .fresh, gate: gate, reads: .body(ChangeAPIKeyBody.self)
        ) { request, body, principal in
            if body.services?.reachPlatform == true { try await gate.requireAdministration(of: principal) }
            let command = ChangeAPIKeyCommand(
                id: try request.pathID(), name: body.name, services: body.services, principal: principal)
            switch try await change(command) {
            case .changed(let key): return .json(answer(key))
            case .unknown: throw Problem(.notFound)
            case .ended: throw Problem(.apiKeyEnded)
            case .permissionDenied: throw RoleRefusal.permissionDenied.problem
            case .invalid(let invalid): throw Problem.validation(invalid)
            }
        }
    }

    private var rotateRoute: Route {
        Route(
            .post, "/api-keys/{id}/rotate",
            Operation(
                "rotateAPIKey",
                "Give a key another secret, whose text is shown once. The old one counts for `overlap` seconds more: a day, if "
                    + "nothing is said; 0 ends it at once. A person's key is rotated by its owner alone",
                tag: Self.tag,
                answers: [
                    .json(200, NewAPIKeyAnswer.self, "The key"), .problem(.notFound), .problem(.apiKeyEnded),
                ]),
            needs: .person, stepUp: .fresh, gate: gate, reads: .body(RotateAPIKeyBody.self)
        ) { request, body, principal in
            let command = RotateAPIKeyCommand(
                id: try request.pathID(), overlap: body.overlap, principal: principal)
            switch try await rotate(command) {
            case .rotated(let key, let text): return .json(NewAPIKeyAnswer(answer: answer(key), text: text))
            case .unknown: throw Problem(.notFound)
            case .ended: throw Problem(.apiKeyEnded)
            case .permissionDenied: throw RoleRefusal.permissionDenied.problem
            }
        }
    }

    private var revokeRoute: Route {
        Route(
            .delete, "/api-keys/{id}",
            Operation(
                "revokeAPIKey",
                "Revoke a key, everywhere within a second; somebody else's with `api_keys:write` and "
                    + "all that the key and its owner may do",
                tag: Self.tag, answers: [.empty(204, "The key opens nothing any more"), .problem(.notFound)]),
            needs: .person, gate: gate
        ) { request, principal in
            switch try await keys.revoke(try request.pathID(), by: principal) {
            case .revoked: return .noContent()
            case .unknown: throw Problem(.notFound)
            case .permissionDenied: throw RoleRefusal.permissionDenied.problem
            }
        }
    }

    @Sendable private func answer(_ key: APIKey) -> APIKeyAnswer { APIKeyAnswer(key: key, now: clock.now) }
}

extension CreateAPIKeyBody {
    /// Whether the key can use its owner's rights on the platform, or acts for somebody else than its maker.
    fileprivate var reachesPlatform: Bool {
        draft.services.reachPlatform || owner != nil || serviceAccount != nil || draft.kind == .gateway
    }
}

extension [String] {
    /// Whether Gapura's own API is among these services.
    fileprivate var reachPlatform: Bool { contains(ServiceSlug.gapura.description) }
}
