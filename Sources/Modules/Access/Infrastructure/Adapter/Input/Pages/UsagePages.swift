import AccessApplication
import AccessContract
import AccessDomain
import AccountsContract
import Authorization
import HTTP
import Pages
import Shared
import Templates

/// `/account/usage`: what the signed-in person has used and has left.
struct UsagePages: Sendable {
    let frame: PageFrame
    let accounts: any AccountsFacade
    let usage: ReadUsageService
    let gate: any Gate

    private static let name = "account_usage"

    var routes: [Route] {
        [
            Route(
                .get, "/account/usage",
                Operation(
                    "showUsage", "What the signed-in person has used and has left", tag: KeyPages.tag, isPage: true,
                    answers: .ofOwnPage),
                needs: .person, gate: gate, reads: .query(NoQuery.self)
            ) { request, _, principal in
                if let elsewhere = frame.elsewhere(request) { return elsewhere }
                guard let own = try await usage.own(principal) else { throw Problem.invalidCredential }
                return try page(own, try await accounts.reader(principal), request)
            }
        ]
    }

    private func page(_ own: OwnUsage, _ reader: PageContent.Reader, _ request: Request) throws -> Response {
        let locale = frame.language(of: reader, request)
        let words = try frame.words(of: Self.name, locale)
        let windows = try own.uses.map { use -> TemplateValues in
            let used = use.used + use.reserved
            let amounts: TemplateValues = ["used": .text("\(used)"), "limit": .text("\(use.limit ?? 0)")]
            let said = try frame.words(of: Self.name, locale, amounts)
            return [
                "service": .text(use.service?.text ?? words["all_services"] ?? ""),
                "period": .text(words[use.unit.rawValue] ?? ""),
                "amount": .text(said[use.limit == nil ? "unlimited" : "of"] ?? ""),
                "is_limited": .flag(use.limit ?? 0 > 0), "limit": .text("\(use.limit ?? 0)"),
                "used": .text("\(min(used, use.limit ?? used))"), "resets": ReaderTime.values(use.window.end, locale),
            ]
        }
        return try frame.show(
            PageContent(
                Self.name,
                ["plan": .text(own.plan.text), "windows": .list(windows), "has_windows": .flag(!windows.isEmpty)],
                reader: reader, shape: .columns),
            to: request)
    }
}

/// Of a page that reads none; what campaigns append is refused here as everywhere.
private struct NoQuery: Input {
    init(_ fields: inout Fields) {}
}
