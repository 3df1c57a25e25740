import AccountsContract
import Authorization
import HTTP
import NotificationsApplication
import NotificationsDomain
import Pages
import Shared
import Templates

/// Which mails a person wants: by the person's own session, or by the link in a mail.
struct PreferenceRoutes: Sendable {
    let preferences: PreferencesService
    let frame: PageFrame
    let gate: any Gate

    private static let tag = "Profile"

    var routes: [Route] { [readRoute, changeRoute, showRoute, unsubscribeRoute] }

    private var readRoute: Route {
        Route(
            .get, "/me/notification-preferences",
            Operation(
                "readMyNotificationPreferences", "Which kinds of mails the caller gets", tag: Self.tag,
                answers: [.json(200, PreferencesAnswer.self, "Every kind")]),
            needs: .session, gate: gate
        ) { _, principal in
            .json(PreferencesAnswer(preferences: try await preferences.read(of: principal.userID)))
        }
    }

    private var changeRoute: Route {
        Route(
            .put, "/me/notification-preferences",
            Operation(
                "changeMyNotificationPreferences",
                "Switch kinds of mails on or off; those that are not named stay. Security mails cannot be switched off",
                tag: Self.tag, answers: [.json(200, PreferencesAnswer.self, "Every kind"), .problem(.securityMail)]),
            needs: .session, gate: gate, reads: .body(ChangePreferencesBody.self)
        ) { _, body, principal in
            switch try await preferences.change(body.wanted, by: principal) {
            case .changed(let preferences): return .json(PreferencesAnswer(preferences: preferences))
            case .required: throw Problem(.securityMail)
            }
        }
    }

    private var showRoute: Route {
        Route(
            .get, "/unsubscribe",
            Operation(
                "showUnsubscribe", "The page behind the link that ends a kind of mails", tag: Self.tag, isPage: true,
                answers: [.media(200, "text/html", "A page whose button posts"), .problem(.invalidUnsubscribeLink)]),
            query: UnsubscribeQuery.self
        ) { request, query in
            guard let kind = preferences.preview(query.token) else { throw Problem(.invalidUnsubscribeLink) }
            return try page("unsubscribe", kind, query, request)
        }
    }

    /// The body is not looked at: readers' programs send `List-Unsubscribe=One-Click` in either form of forms.
    private var unsubscribeRoute: Route {
        Route(
            .post, "/unsubscribe",
            Operation(
                "unsubscribe",
                "End a kind of mails by the link in one (RFC 8058): one click, without signing in. Any body will do",
                tag: Self.tag, isPage: true,
                answers: [
                    .media(200, "text/html", "A page that says so, for browsers"), .empty(204, "The mails have ended"),
                    .problem(.invalidUnsubscribeLink),
                ]),
            query: UnsubscribeQuery.self
        ) { request, query in
            switch try await preferences.unsubscribe(query.token) {
            case .invalid: throw Problem(.invalidUnsubscribeLink)
            case .done(let kind):
                return request.wantsPage ? try page("unsubscribed", kind, query, request) : .noContent()
            }
        }
    }

    private func page(
        _ name: String, _ kind: NotificationKind, _ query: UnsubscribeQuery, _ request: Request
    ) throws -> Response {
        let words = try frame.words(of: name, frame.language(of: nil, request))
        let values: TemplateValues = [
            "token": .text(query.token), "text": .text(words["text_\(kind.rawValue)"] ?? ""),
        ]
        return try frame.show(PageContent(name, values), to: request)
    }
}
