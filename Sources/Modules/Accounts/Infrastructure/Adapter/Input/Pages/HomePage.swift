import AccountsApplication
import AccountsDomain
import HTTP
import Pages
import Shared
import Templates

/// `GET /`: where somebody lands who types the address. Programs find nothing there. And what forms end on.
struct HomePage: Sendable {
    let tools: PageTools

    var routes: [Route] {
        [
            Route(
                .get, "/",
                Operation(
                    "showHome", "The start page, which leads to `/sign-in` or `/account`, and to `/docs`",
                    tag: PageTools.tag, isPage: true,
                    answers: [.media(200, "text/html", "The page"), .problem(.notFound)]),
                query: PlainQuery.self
            ) { request, _ in
                guard request.wantsPage else { throw Problem(.notFound) }
                let owner = try await tools.ownerIfAny(request)
                return try tools.frame.show(
                    PageContent("home", ["address": .text(owner?.user.email.text ?? "")], reader: owner?.reader),
                    to: request)
            },
            Route(
                .get, "/done",
                Operation(
                    "showDone", "Says once what a form did; without anything to say it leads to the start page",
                    tag: PageTools.tag, isPage: true,
                    answers: [.media(200, "text/html", "The page"), .empty(303, "There is nothing to say")]),
                query: PlainQuery.self
            ) { request, _ in
                try tools.frame.finishedPage(request) ?? Response(status: 303, headers: [("Location", "/")])
            },
        ]
    }
}
