import AccountsApplication
import AccountsContract
import AccountsDomain
import Authorization
import HTTP
import Pages
import Shared
import Templates

/// `/account`: how a person is called, and in which language.
struct ProfilePages: Sendable {
    let tools: PageTools
    let edit: EditProfileService

    private var frame: PageFrame { tools.frame }

    var routes: [Route] { [showRoute, saveRoute] }

    private static let languageNames = ["en": "English", "id": "Bahasa Indonesia", "ru": "Русский"]

    private var showRoute: Route {
        .ownPage("/account", .ownPage("showAccount", "A person's own page"), tools) { request, owner in
            try page(.empty, owner, request)
        }
    }

    private func page(_ form: PageForm, _ owner: PageOwner, _ request: Request) throws -> Response {
        let (user, profile) = (owner.user, owner.account.profile)
        let locale = frame.language(of: owner.reader, request)
        let chosen = form.texts["locale"] ?? locale
        return try frame.show(
            PageContent(
                "account",
                [
                    "address": .text(user.email.text), "since": .text(ReaderTime.day(user.createdAt, locale)),
                    "is_administrator": .flag(user.role == .admin),
                    "languages": .list(
                        Languages.supported.map { tag in
                            [
                                "tag": .text(tag), "name": .text(Self.languageNames[tag] ?? tag),
                                "is_chosen": .flag(tag == chosen),
                            ]
                        }),
                ],
                fields: [
                    PageField(
                        "first_name", .text, autocomplete: "given-name", isRequired: false, lengthMax: 100,
                        value: profile.firstName),
                    PageField(
                        "last_name", .text, autocomplete: "family-name", isRequired: false, lengthMax: 100,
                        value: profile.lastName),
                    PageField(
                        "username", .text, autocomplete: "nickname", isRequired: false, lengthMax: 64,
                        value: user.username),
                ], form: form, reader: owner.reader, shape: .columns),
            to: request)
    }

    private var saveRoute: Route {
        .ownForm(
            "/account", .ownForm("saveProfile", "Save names and language from the page"), ProfileForm.self, tools
        ) { request, form, owner in
            switch form {
            case .failure(let form): return try page(form, owner, request)
            case .success((let body, _)):
                guard try await edit(owner.caller, body.changes) != nil else { throw Problem.invalidCredential }
                return try frame.leaving(to: "/account", saying: PageNote("saved", on: "account"))
            }
        }
    }
}

extension Route {
    /// A page of a signed-in person.
    static func ownPage(
        _ path: PathTemplate, _ operation: HTTP.Operation, _ tools: PageTools,
        handler: @escaping @Sendable (_ request: Request, _ owner: PageOwner) async throws -> Response
    ) -> Route {
        Route(
            .get, path, operation, needs: .session, gate: tools.gate, reads: .query(PlainQuery.self)
        ) { request, _, principal in
            if let elsewhere = tools.frame.elsewhere(request) { return elsewhere }
            return try await handler(request, try await tools.owner(principal))
        }
    }

    /// A form on such a page.
    static func ownForm<Body: Input>(
        _ path: PathTemplate, _ operation: HTTP.Operation, _ body: Body.Type, _ tools: PageTools,
        stepUp: StepUpNeed = .none,
        handler:
            @escaping @Sendable (
                _ request: Request, _ form: Result<(body: Body, form: PageForm), PageForm>, _ owner: PageOwner
            ) async throws -> Response
    ) -> Route {
        Route(
            .post, path, operation, needs: .session, stepUp: stepUp, gate: tools.gate, reads: .form(body)
        ) { request, _, principal in
            let owner = try await tools.owner(principal)
            return try await handler(request, try tools.frame.read(body, request, faults: .accountFaults), owner)
        }
    }
}
