import AccountsApplication
import AccountsContract
import AccountsDomain
import Authorization
import HTTP
import Pages
import Shared

/// What all pages of Accounts work with.
struct PageTools: Sendable {
    static let tag = "Pages"

    let frame: PageFrame
    let gate: any Gate
    let limit: SignInLimit
    let delivery: TokenDelivery
    let readAccount: ReadAccountService

    /// Whose page it is.
    func owner(_ principal: Principal) async throws -> PageOwner {
        let caller = try principal.caller
        guard let account = try await readAccount(caller.userID) else { throw Problem.invalidCredential }
        return PageOwner(caller: caller, account: account)
    }

    /// The same of whoever may be signed in.
    func ownerIfAny(_ request: Request) async throws -> PageOwner? {
        guard let principal = try await gate.admitIfAny(request, needing: .session) else { return nil }
        return try? await owner(principal)
    }

    /// Where a sign-in leads.
    ///
    /// - Parameter text: nil or empty for the person's own page.
    /// - Throws: a problem 400 for what nobody may be sent to; it is never replaced.
    func target(_ text: String?) throws(Problem) -> Pages.ReturnTarget {
        guard let text, !text.isEmpty else { return .path("/account") }
        guard let target = frame.targets.target(text), !target.isApp else { throw Problem(.invalidReturnTo) }
        return target
    }

    /// The answer to a program, for which a page is nothing; a form again for a browser.
    func form(
        _ form: PageForm, refusedBy problem: Problem, at field: String = "", saying word: String? = nil,
        _ request: Request, _ owner: PageOwner? = nil
    ) throws(Problem) -> PageForm {
        guard request.wantsPage else { throw problem }
        let locale = frame.language(of: owner?.reader, request)
        let seconds = problem.headers.first { $0.0 == "Retry-After" }.flatMap { Int($0.1) }
        let values = seconds.map { ["wait": ReaderTime.wait(seconds: $0, locale)] } ?? [:]
        guard let word, problem.kind != .tooManyAttempts else { return form.with(problem, at: field, values: values) }
        return form.with(word, at: field, status: problem.kind.status, values: values)
    }
}

extension Pages.ReturnTarget {
    fileprivate var isApp: Bool { if case .app = self { true } else { false } }
}

/// A signed-in person, for their pages.
struct PageOwner: Sendable {
    let caller: SessionCaller
    let account: Account

    var user: User { account.user }
    var reader: PageContent.Reader { PageContent.Reader(email: user.email.text, locale: user.locale) }
    var hasPassword: Bool { user.passwordHash != nil }
}

extension [String: String] {
    /// The words of pages for what programs are told is wrong with a field.
    static let accountFaults: [String: String] = [
        Password.Weakness.tooShort.message.text: "too_short", Password.Weakness.tooLong.message.text: "too_long",
        Password.Weakness.sameAsAddress.message.text: "same_as_address",
        Password.Weakness.common.message.text: "common",
        "must be a valid e-mail address": "not_an_address", "must be the six digits of the mail": "not_a_code",
    ]
}

extension Password.Weakness {
    /// The key of the words of pages.
    var word: String { [String: String].accountFaults[message.text] ?? "invalid" }
}

extension Operation {
    /// Of a page that anybody may open.
    static func page(
        _ id: String, _ summary: String, answers: [Answer] = []
    ) -> Operation {
        Operation(
            id, summary, tag: PageTools.tag, isPage: true,
            answers: [
                .media(200, "text/html", "The page"),
                .empty(302, "With `PAGES_URL`: the same page of the operator's own front end"),
            ] + answers)
    }

    /// Of a form of a page.
    static func form(_ id: String, _ summary: String, _ answers: [Answer] = []) -> Operation {
        Operation(
            id, summary, tag: PageTools.tag, isPage: true,
            answers: [.empty(303, "It is done; the next page says so"), .problem(.csrf)] + answers)
    }

    /// Of a person's own page: who is not signed in is led to sign in, and back.
    static func ownPage(_ id: String, _ summary: String) -> Operation {
        page(id, summary, answers: [.empty(303, "Nobody is signed in: to `/sign-in`, and back")])
    }

    /// Of a form on a person's own page.
    static func ownForm(_ id: String, _ summary: String, _ answers: [Answer] = []) -> Operation {
        form(
            id, summary, answers + [.empty(307, "The session has to be refreshed first; the form is sent again")])
    }
}
