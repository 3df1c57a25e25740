import AccessApplication
import AccessContract
import AccessDomain
import AccountsContract
import Authorization
import HTTP
import Lists
import Pages
import Shared
import Templates

/// `/account/keys`: the signed-in person's keys of programs.
struct KeyPages: Sendable {
    let frame: PageFrame
    let accounts: any AccountsFacade
    let keys: ManageAPIKeysService
    let services: any ServiceDirectory
    let gate: any Gate
    let cursors: ListCursors
    let identifiers: any IdentifierSource
    let clock: any WallClock

    static let tag = "Pages"
    private static let path = "/account/keys"
    private static let name = "account_keys"

    var routes: [Route] { [showRoute, makeRoute, revokeRoute] }

    private var showRoute: Route {
        Route(
            .get, "/account/keys",
            Operation(
                "showKeys", "The signed-in person's API keys", tag: Self.tag, isPage: true,
                answers: .ofOwnPage),
            needs: .person, gate: gate, reads: .query(PageQuery.self)
        ) { request, query, principal in
            if let elsewhere = frame.elsewhere(request) { return elsewhere }
            return try await page(.empty, principal, query, request)
        }
    }

    private func page(
        _ form: PageForm, _ principal: Principal, _ query: PageQuery?, _ request: Request
    ) async throws -> Response {
        let reader = try await accounts.reader(principal)
        let locale = frame.language(of: reader, request)
        let list = query.map { cursors.list("showKeys", of: principal.userID.description, request, $0) }
        guard case .listed(let part) = try await keys.list(.own, try list?.request() ?? PageRequest(), for: principal)
        else { throw Problem(.permissionDenied) }
        let now = clock.now
        return try frame.show(
            PageContent(
                Self.name,
                [
                    "shown_key": "", "keys": .list(part.items.map { entry($0, at: now, locale) }),
                    "has_keys": .flag(!part.items.isEmpty),
                    "next_cursor": .text(try list?.cursor(behind: part.next)?.text ?? ""),
                    "known": .text(services.all.filter(\.isActive).map(\.slug.text).prefix(20).joined(separator: ", ")),
                ],
                fields: [
                    PageField("name", .text, lengthMax: 100), PageField("services", .text, lengthMax: 4_096),
                ], form: form, reader: reader, shape: .columns),
            to: request)
    }

    private func entry(_ key: APIKey, at now: Timestamp, _ locale: String) -> TemplateValues {
        let state = key.state(at: now)
        return [
            "id": .text(key.id.description), "key_name": .text(key.name),
            "prefix": .text("gpk_\(key.prefix.description)"),
            "services_text": .text(key.services.texts.joined(separator: ", ")),
            "created_at": ReaderTime.values(key.createdAt, locale), "was_used": .flag(key.lastUsedAt != nil),
            "used_at": ReaderTime.values(key.lastUsedAt ?? key.createdAt, locale),
            "has_end": .flag(key.expiresAt != nil),
            "ends_at": ReaderTime.values(key.expiresAt ?? key.createdAt, locale),
            "is_open": .flag(state == .open), "is_expired": .flag(state == .expired),
            "is_revoked": .flag(state == .revoked),
        ]
    }

    private var makeRoute: Route {
        Route(
            .post, "/account/keys",
            Operation(
                "makeKeyOnPage", "Make an API key with the form of the page, which then shows it once", tag: Self.tag,
                isPage: true, answers: [Answer].ofOwnForm + [.problem(.tooManyAPIKeys)]),
            needs: .person, stepUp: .fresh, gate: gate, reads: .form(KeyForm.self)
        ) { request, _, principal in
            switch try frame.read(KeyForm.self, request) {
            case .failure(let form): return try await page(form, principal, nil, request)
            case .success((let body, let form)):
                let draft = APIKeyDraft(name: body.name, kind: .personal, services: body.services)
                let command = CreateAPIKeyCommand(id: identifiers.next(), draft: draft, principal: principal)
                let refused: PageForm
                switch try await keys.create(command) {
                case .created(_, let text):
                    let note = PageNote("made", on: Self.name, ["shown_key": text?.reveal() ?? ""])
                    return try frame.leaving(to: Self.path, saying: note)
                case .invalid(let invalid):
                    guard request.wantsPage else { throw Problem.validation(invalid) }
                    refused = invalid.problems.reduce(form) { form, problem in
                        problem.field == "name"
                            ? form.with("invalid", at: "name") : form.with("unknown_service", at: "services")
                    }
                case .tooMany:
                    guard request.wantsPage else { throw Problem(.tooManyAPIKeys) }
                    refused = form.with("too_many_api_keys", status: 409)
                case .unknownOwner, .unknownServiceAccount, .permissionDenied:
                    guard request.wantsPage else { throw Problem(.permissionDenied) }
                    refused = form.with("permission_denied", status: 403)
                }
                return try await page(refused, principal, nil, request)
            }
        }
    }

    private var revokeRoute: Route {
        Route(
            .post, "/account/keys/revoke",
            Operation(
                "revokeKeyOnPage", "Revoke one of the signed-in person's API keys", tag: Self.tag, isPage: true,
                answers: [Answer].ofOwnForm + [.problem(.notFound)]),
            needs: .person, gate: gate, reads: .form(RevokeKeyForm.self)
        ) { request, _, principal in
            switch try frame.read(RevokeKeyForm.self, request) {
            case .failure(let form): return try await page(form, principal, nil, request)
            case .success((let body, _)):
                switch try await keys.revoke(body.id, by: principal) {
                case .revoked: return try frame.leaving(to: Self.path, saying: PageNote("revoked", on: Self.name))
                case .unknown, .permissionDenied: throw Problem(.notFound)
                }
            }
        }
    }
}

struct KeyForm: Input {
    let name: String
    let services: [String]

    init(_ fields: inout Fields) {
        fields.formToken()
        name = fields.required("name", .displayName)
        let text = fields.required("services", .text(1...4_096))
        services = text.split { $0 == " " || $0 == "," }.map(String.init)
    }
}

struct RevokeKeyForm: Input {
    let id: APIKeyID

    init(_ fields: inout Fields) {
        fields.formToken()
        id = fields.required("id", .id)
    }
}

extension [Answer] {
    /// Of a person's own page.
    static var ofOwnPage: [Answer] {
        [
            .media(200, "text/html", "The page"),
            .empty(302, "With `PAGES_URL`: the same page of the operator's own front end"),
            .empty(303, "Nobody is signed in: to `/sign-in`, and back"),
        ]
    }

    /// Of a form on one.
    static var ofOwnForm: [Answer] {
        [
            .empty(303, "It is done; the next page says so"), .problem(.csrf),
            .empty(307, "The session has to be refreshed first; the form is sent again"),
        ]
    }
}

extension AccountsFacade {
    /// Whose page it is.
    ///
    /// - Throws: a problem 401 if the account is gone.
    func reader(_ principal: Principal) async throws -> PageContent.Reader {
        guard let recipient = try await notice(to: UserID(principal.userID))?.recipient else {
            throw Problem.invalidCredential
        }
        return PageContent.Reader(email: recipient.address.text, locale: recipient.locale)
    }
}
