import AccountsApplication
import HTTP
import Pages
import Templates

/// Answers for links that are not good (any more).
struct UsedLinks: Sendable {
    let recent: RecentLinkUse
    let frame: PageFrame

    /// For people whose button was pressed twice, a page that says that it is done.
    ///
    /// - Throws: the refusal, for everything else.
    func answer(_ refusal: LinkRefusal, _ token: String, _ request: Request) async throws -> Response {
        try await answer(refusal, token, request, otherwise: refusal.problem)
    }

    func answer(
        _ refusal: LinkRefusal, _ token: String, _ request: Request, otherwise problem: Problem
    ) async throws -> Response {
        guard refusal == .invalid, request.wantsPage, try await recent(token) else { throw problem }
        return try frame.show(.message("link_used", next: "/"), to: request)
    }
}
