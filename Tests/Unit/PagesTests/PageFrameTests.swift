import HTTP
import Pages
import Shared
import Templates
import Testing

@Suite("The frame of pages")
struct PageFrameTests {
    private struct Form: Input {
        let email: EmailAddress

        init(_ fields: inout Fields) {
            fields.formToken()
            email = fields.required("email", .email)
        }
    }

    private let fields = [PageField("email", .email, hasFocus: true)]

    private func page(_ form: PageForm = .empty) -> PageContent {
        PageContent("forgotten_password", fields: fields, form: form)
    }

    private func text(_ response: Response) -> String { String(decoding: response.body, as: UTF8.self) }

    @Test("a form counts with the cookie and the token of one page, and with nothing less")
    func token() throws {
        let frame = try PageFixture.frame()
        let shown = try frame.show(page(), to: PageFixture.get())
        let (cookies, token) = (PageFixture.cookies(shown), PageFixture.token(shown))
        #expect(cookies.hasPrefix("gapura_csrf=") && !token.isEmpty)
        let body = "csrf=\(token)&email=ani%40example.com"
        let read = try frame.read(Form.self, PageFixture.post(body, [("Cookie", cookies)])).get()
        #expect(read.body.email.text == "ani@example.com")

        let other = try frame.show(page(), to: PageFixture.get())
        for request in [
            PageFixture.post(body), PageFixture.post("email=ani%40example.com", [("Cookie", cookies)]),
            PageFixture.post("csrf=&email=ani%40example.com", [("Cookie", cookies)]),
            PageFixture.post(body, [("Cookie", PageFixture.cookies(other))]),
            PageFixture.post(body, [("Cookie", cookies), ("Origin", "https://evil.example")]),
            PageFixture.post(body, [("Cookie", cookies), ("Sec-Fetch-Site", "cross-site")]),
        ] {
            guard case .failure(let form) = try frame.read(Form.self, request) else {
                Issue.record("taken: \(String(decoding: request.body, as: UTF8.self))")
                continue
            }
            #expect(form.status == 403 && form.texts["email"] == "ani@example.com")
        }
        let program = Request(
            method: .post, path: "/",
            headers: Headers([("Accept", "application/json"), ("Content-Type", "application/x-www-form-urlencoded")]),
            body: Array(body.utf8))
        #expect(throws: Problem.self) { _ = try frame.read(Form.self, program) }
    }

    @Test("the cookie is set once, and over TLS under a name that only this host can set")
    func cookie() throws {
        let frame = try PageFixture.frame(isSecure: true)
        let first = try frame.show(page(), to: PageFixture.get())
        #expect(first["Set-Cookie"]?.hasPrefix("__Host-gapura_csrf=") == true)
        let second = try frame.show(page(), to: PageFixture.get("/", [("Cookie", PageFixture.cookies(first))]))
        #expect(second["Set-Cookie"] == nil && PageFixture.token(second) == PageFixture.token(first))
    }

    @Test("what is wrong is said at the field, in a summary that has the focus, and in the title")
    func errors() throws {
        let frame = try PageFixture.frame()
        let form = PageForm(["email": "\"><b>"]).with("not_an_address", at: "email")
        let html = text(try frame.show(page(form), to: PageFixture.get()))
        #expect(html.contains("<title>Error: Choose a new password - Gate &amp; Co</title>"))
        #expect(html.contains("role=\"alert\" tabindex=\"-1\" autofocus"))
        #expect(html.contains("<a href=\"#email\">E-mail address: Enter an e-mail address"))
        #expect(html.contains("<p class=\"error\" id=\"email-error\">Enter an e-mail address"))
        #expect(html.contains("aria-invalid=\"true\" aria-describedby=\"email-error\""))
        #expect(html.contains("value=\"&quot;&gt;&lt;b&gt;\"") && !html.contains("<b>"))
        #expect(!text(try frame.show(page(), to: PageFixture.get())).contains("role=\"alert\""))
    }

    @Test("a password is never shown again")
    func password() throws {
        let frame = try PageFixture.frame()
        let content = PageContent(
            "new_password", ["address": "ani@example.com", "token": "t"], fields: [PageField("password", .newPassword)],
            form: PageForm(["password": "correct horse"]).with("csrf", status: 403))
        let answer = try frame.show(content, to: PageFixture.get())
        #expect(answer.status == 403 && !text(answer).contains("correct horse"))
    }

    @Test("the account's language counts before the browser's")
    func language() throws {
        let frame = try PageFixture.frame()
        let request = PageFixture.get("/", [("Accept-Language", "id-ID, en;q=0.5")])
        #expect(text(try frame.show(page(), to: request)).contains("<html lang=\"id\">"))
        let reader = PageContent.Reader(email: "ani@example.com", locale: "ru")
        #expect(frame.language(of: reader, request) == "ru")
        #expect(frame.language(of: PageContent.Reader(email: "", locale: "de"), request) == "id")
    }

    @Test("what a form did is said once, on the page it is for")
    func notes() throws {
        let frame = try PageFixture.frame()
        let led = try frame.leaving(
            to: "/sign-up/sent", saying: PageNote("mailed", on: "sign_up_sent", ["address": "ani@example.com"]))
        #expect(led.status == 303 && led["Location"] == "/sign-up/sent")
        let cookies = PageFixture.cookies(led)
        #expect(!cookies.contains("ani"))
        let sent = try frame.show(
            PageContent("sign_up_sent", ["address": ""]), to: PageFixture.get("/", [("Cookie", cookies)]))
        #expect(text(sent).contains("We have sent a mail to ani@example.com"))
        #expect(sent.headers.contains { $0.value.hasPrefix("gapura_note=; Path=/; Max-Age=0") })
        let elsewhere = try frame.show(page(), to: PageFixture.get("/", [("Cookie", cookies)]))
        #expect(!elsewhere.headers.contains { $0.value.hasPrefix("gapura_note=") })
        let forged = try frame.show(
            PageContent("sign_up_sent", ["address": ""]), to: PageFixture.get("/", [("Cookie", "gapura_note=AAAA")]))
        #expect(text(forged).contains("We have sent you a mail."))
    }

    @Test("a form that leads to another origin ends on a page that leads on; a link is redirected")
    func leaving() throws {
        let frame = try PageFixture.frame(listed: ["https://app.example.com"])
        let target = try #require(frame.targets.target("https://app.example.com/x?a=1&b=2"))
        let page = try frame.leaving(to: target, after: PageFixture.post(""))
        #expect(page.status == 200 && text(page).contains("content=\"0;url=https://app.example.com/x?a=1&amp;b=2\""))
        #expect(text(page).contains("href=\"https://app.example.com/x?a=1&amp;b=2\""))
        let redirect = try frame.leaving(to: target, after: PageFixture.get())
        #expect(redirect.status == 303 && redirect["Location"] == "https://app.example.com/x?a=1&b=2")
        #expect(try frame.leaving(to: .path("/account"), after: PageFixture.post("")).status == 303)
    }

    @Test("a session that has run out is refreshed if the browser can be, a form with its input")
    func signInAgain() throws {
        let frame = try PageFixture.frame()
        let get = Request(
            method: .get, path: "/account/keys", query: "cursor=a", headers: Headers([("Accept", "text/html")]))
        #expect(frame.signInAgain(get)["Location"] == "/sign-in?return_to=%2Faccount%2Fkeys%3Fcursor%3Da")
        let hint = Headers([("Accept", "text/html"), ("Cookie", "gapura_hint=1")])
        let known = Request(method: .get, path: "/account/keys", headers: hint)
        #expect(frame.signInAgain(known).status == 303)
        #expect(frame.signInAgain(known)["Location"] == "/refresh-token/continue?return_to=%2Faccount%2Fkeys")
        let form = Request(method: .post, path: "/account/keys/revoke", headers: hint)
        #expect(frame.signInAgain(form).status == 307)
        #expect(frame.signInAgain(form)["Location"] == "/refresh-token/continue?return_to=%2Faccount%2Fkeys%2Frevoke")
        let lost = Request(method: .post, path: "/account/keys/revoke", headers: Headers([("Accept", "text/html")]))
        #expect(frame.signInAgain(lost)["Location"] == "/sign-in?return_to=%2Faccount%2Fkeys")
    }

    @Test("with PAGES_URL pages are the operator's own, with the query")
    func elsewhere() throws {
        let frame = try PageFixture.frame(pagesURL: "https://app.example.com")
        let request = Request(
            method: .get, path: "/sign-in", query: "return_to=%2Fx", headers: Headers([("Accept", "text/html")]))
        #expect(frame.elsewhere(request)?["Location"] == "https://app.example.com/sign-in?return_to=%2Fx")
        #expect(try PageFixture.frame().elsewhere(request) == nil)
    }
}
