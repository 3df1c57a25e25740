import AccountsApplication
import AccountsContract
import AccountsDomain
import Authorization
import HTTP
import Lists
import Pages
import Shared
import Templates

/// `/account/sessions`: on which devices somebody is signed in.
struct SessionPages: Sendable {
    let tools: PageTools
    let sessions: ManageSessionsService
    let cursors: ListCursors

    private var frame: PageFrame { tools.frame }
    private static let path = "/account/sessions"
    private static let name = "account_sessions"

    var routes: [Route] { [showRoute, endRoute, endAllRoute] }

    private var showRoute: Route {
        Route(
            .get, "/account/sessions", .ownPage("showSessions", "The devices of the signed-in person"), needs: .session,
            gate: tools.gate, reads: .query(PageQuery.self)
        ) { request, query, principal in
            if let elsewhere = frame.elsewhere(request) { return elsewhere }
            return try await page(.empty, try await tools.owner(principal), query, request)
        }
    }

    private func page(
        _ form: PageForm, _ owner: PageOwner, _ query: PageQuery?, _ request: Request
    ) async throws -> Response {
        let locale = frame.language(of: owner.reader, request)
        let words = try frame.words(of: Self.name, locale)
        let list = query.map { cursors.list("showSessions", of: owner.user.id.description, request, $0) }
        let part = try await sessions.list(owner.caller, try list?.request() ?? PageRequest())
        let entries = part.items.map { session -> TemplateValues in
            [
                "id": .text(session.id.description), "is_current": .flag(session.id == owner.caller.sessionID),
                "device": .text(
                    DeviceName(session.userAgent ?? "").text(on: words["on"] ?? "on") ?? words["unknown_device"] ?? ""),
                "network": .text(session.address?.description ?? ""),
                "created_at": ReaderTime.values(session.createdAt, locale),
                "last_used": ReaderTime.values(session.lastUsed, locale),
            ]
        }
        return try frame.show(
            PageContent(
                Self.name,
                ["sessions": .list(entries), "next_cursor": .text(try list?.cursor(behind: part.next)?.text ?? "")],
                form: form, reader: owner.reader, shape: .columns),
            to: request)
    }

    private var endRoute: Route {
        .ownForm(
            "/account/sessions/end", .ownForm("endSessionOnPage", "End one of the signed-in person's sessions"),
            EndSessionForm.self, tools
        ) { request, form, owner in
            switch form {
            case .failure(let form): return try await page(form, owner, nil, request)
            case .success((let body, _)):
                // One that is over by now is what the person wanted.
                _ = try await sessions.revoke(body.id, owner.caller, client: request.client)
                return try frame.leaving(to: Self.path, saying: PageNote("ended", on: Self.name))
            }
        }
    }

    private var endAllRoute: Route {
        .ownForm(
            "/account/sessions/end-all", .ownForm("endAllSessionsOnPage", "End every session of the signed-in person"),
            ButtonForm.self, tools
        ) { request, form, owner in
            switch form {
            case .failure(let form): return try await page(form, owner, nil, request)
            case .success:
                try await sessions.revokeAll(owner.caller, client: request.client)
                return tools.delivery.clearingCookies(
                    of: try frame.leaving(to: "/sign-in", saying: PageNote("signed_out_everywhere", on: "sign_in")))
            }
        }
    }
}
