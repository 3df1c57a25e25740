import AccountsApplication
import AccountsContract
import AccountsDomain
import Authorization
import HTTP
import Idempotency
import Lists
import Shared

/// The caller's own passkeys.
struct PasskeyRoutes: Sendable {
    /// Nil where there can be none.
    let passkeys: PasskeyUseCases?
    let manage: ManagePasskeysService
    let gate: any Gate
    let limit: SignInLimit
    let cookies: WebAuthnCookies
    let idempotency: IdempotencyKeys
    let cursors: ListCursors
    let appName: String

    static let tag = "Passkeys"

    var routes: [Route] { [listRoute, optionsRoute, addRoute, renameRoute, removeRoute] }

    private var listRoute: Route {
        Route(
            list: "/me/passkeys",
            Operation("listPasskeys", "The caller's passkeys, the newest first", tag: Self.tag),
            needs: .session, gate: gate, cursors: cursors, reads: PageQuery.self
        ) { _, _, part, principal in
            let all = try await manage.list(try principal.caller).sorted { $0.id > $1.id }
            return Page(of: all, part) { NewestFirst($0.id) }.map { PasskeyAnswer(passkey: $0) }
        }
    }

    private var optionsRoute: Route {
        Route(
            .post, "/me/passkeys/options",
            Operation(
                "startPasskey", "What `navigator.credentials.create()` needs to make a passkey; good for five minutes",
                tag: Self.tag,
                answers: [
                    .json(200, PasskeyCreationAnswer.self, "The options, and a cookie that the answer needs"),
                    .problem(.tooManyPasskeys), .problem(.passkeysOff), .problem(.tooManyAttempts),
                ]),
            needs: .session, stepUp: .fresh, gate: gate
        ) { request, principal in
            let caller = try principal.caller
            guard let passkeys else { throw Problem(.passkeysOff) }
            try await limit.check(request, route: "passkey_options", user: caller.userID)
            let (browser, cookie) = cookies.begin(request)
            switch try await passkeys.add.options(caller, browser: browser) {
            case .options(let options):
                var response = Response.json(PasskeyCreationAnswer(options: options, appName: appName))
                response.setCookie(cookie)
                return response
            case .tooMany: throw Problem(.tooManyPasskeys)
            case .signedOut: throw Problem.invalidCredential
            }
        }
    }

    private var addRoute: Route {
        Route(
            .post, "/me/passkeys",
            Operation(
                "addPasskey", "Add the passkey that the browser has made", tag: Self.tag,
                answers: [
                    .json(201, PasskeyAnswer.self, "The passkey"), .problem(.invalidPasskey), .problem(.passkeyExists),
                    .problem(.tooManyPasskeys), .problem(.passkeysOff), .problem(.tooManyAttempts),
                ]),
            needs: .session, stepUp: .fresh, gate: gate, once: idempotency, reads: .body(AddPasskeyBody.self),
            admit: { principal in
                guard passkeys != nil else { throw Problem(.passkeysOff) }
                try await limit.check(route: "passkey_add", user: try principal.caller.userID)
            }
        ) { request, body, principal, id in
            guard let add = passkeys?.add else { throw Problem(.passkeysOff) }
            let caller = try principal.caller
            let command = AddPasskeyCommand(
                id: PasskeyID(id), caller: caller, name: body.name, registration: body.credential.registration,
                browser: cookies.browser(of: request), client: request.client)
            switch try await add(command) {
            case .added(let passkey): return .json(PasskeyAnswer(passkey: passkey), status: 201)
            case .invalid: throw Problem.unauthenticated(.invalidPasskey)
            case .exists: throw Problem(.passkeyExists)
            case .tooMany: throw Problem(.tooManyPasskeys)
            case .signedOut: throw Problem.invalidCredential
            }
        }
    }

    private var renameRoute: Route {
        Route(
            .patch, "/me/passkeys/{id}",
            Operation(
                "renamePasskey", "Give a passkey another name", tag: Self.tag,
                answers: [.json(200, PasskeyAnswer.self, "The passkey"), .problem(.notFound)]),
            needs: .session, stepUp: .fresh, gate: gate, reads: .body(RenamePasskeyBody.self)
        ) { request, body, principal in
            let passkey = try await manage.rename(try request.pathID(), to: body.name, try principal.caller)
            guard let passkey else { throw Problem(.notFound) }
            return .json(PasskeyAnswer(passkey: passkey))
        }
    }

    private var removeRoute: Route {
        Route(
            .delete, "/me/passkeys/{id}",
            Operation(
                "removePasskey", "Remove a passkey; it signs in no more", tag: Self.tag,
                answers: [.empty(204, "The passkey is gone"), .problem(.notFound), .problem(.lastSignInMethod)]),
            needs: .session, stepUp: .fresh, gate: gate
        ) { request, principal in
            let caller = try principal.caller
            switch try await manage.remove(try request.pathID(), caller, client: request.client) {
            case .removed: return .noContent()
            case .unknown: throw Problem(.notFound)
            case .lastSignInMethod: throw Problem(.lastSignInMethod)
            }
        }
    }
}
