import Crypto
import HTTP
import JSON
import Shared
import Synchronization
import Templates

/// What all pages have in common, for every module: the layout, the reader's language, the hidden token of forms, errors
/// at their fields with a summary above, and how a form ends. Pages work without scripts.
///
/// A page `name` is a template `pages/<name>.html.mustache` with its words beside it, `pages/<name>.words`. The template
/// has the words as `{{w.key}}`, and its fields by their names: `{{#email}}{{> field}}{{/email}}`.
package struct PageFrame: Sendable {
    /// The languages that pages are written in; the first one is for readers of others.
    package static let languages = ["en", "id", "ru"]

    package let targets: ReturnTargets
    private let templates: TemplateCatalog
    private let guardian: FormGuard
    private let notes: PageNotes
    private let pagesURL: String?
    private let isDevelopment: Bool
    private let known = Words()

    /// Words that were read once.
    private final class Words: Sendable {
        let words = Mutex<[String: PageWords]>([:])
    }

    /// Parts that pages and the layout include.
    private static let parts = ["summary", "field", "csrf", "account_navigation"]
    private static let common = "common"

    /// - Parameters:
    ///   - pagesURL: `PAGES_URL`, the operator's own front end, which has pages of the same paths; without a slash at
    ///     the end.
    package init(
        templates: TemplateCatalog, masterKey: MasterKey, origins: OriginPolicy, targets: ReturnTargets,
        pagesURL: String?, isSecure: Bool, isDevelopment: Bool, random: any RandomSource
    ) {
        self.templates = templates
        self.targets = targets
        self.pagesURL = pagesURL
        self.isDevelopment = isDevelopment
        guardian = FormGuard(
            secret: masterKey.derive("pages/csrf"), older: masterKey.deriveOlder("pages/csrf"), isSecure: isSecure,
            random: random, origins: origins)
        notes = PageNotes(masterKey: masterKey, isSecure: isSecure)
    }

    /// The page as the answer to a request, with the status of its form.
    ///
    /// - Throws: `TemplateError` for a value or a word that is missing, `InternalFailure` for a missing template.
    package func show(_ content: PageContent, to request: Request) throws -> Response {
        let locale = language(of: content.reader, request)
        let note = notes.note(for: content.name, of: request)
        var values = content.values
        for (name, value) in content.form.values { values[name] = .text(value) }
        for (name, value) in note?.values ?? [:] { values[name] = .text(value) }
        let words = try words(of: content.name, locale, values)
        let (token, cookie) = guardian.token(for: request)
        values["csrf_token"] = .text(token)
        for field in content.fields { values[field.name] = .nested(field.values(words, content.form)) }
        frame(&values, content, words, locale, note)
        var response = Response.page(
            try templates.render(content.template, inFrame: "layout", parts: Self.parts, values),
            status: content.form.status, formOrigin: content.formOrigin)
        for (name, value) in content.form.headers { response.add(name, value) }
        if let cookie { response.setCookie(cookie) }
        if note != nil { response.setCookie(notes.cleared) }
        return response
    }

    /// A refusal as a page, with a way on.
    package func show(_ problem: Problem, to request: Request) throws -> Response {
        let locale = language(of: nil, request)
        let values: TemplateValues = [
            "problem": .text(problem.kind.title), "message": .text(problem.detail), "request_id": .text(request.id),
        ]
        let words = try words(of: "problem", locale, values)
        // What there are no words for speaks English.
        var content = PageContent(
            "problem", ["text": .text(words["\(problem.kind.code)_text"] ?? problem.detail)],
            form: PageForm.empty.with(status: problem.kind.status, headers: problem.headers))
        content.title = words["\(problem.kind.code)_title"] ?? problem.kind.title
        return try show(content, to: request)
    }

    /// What the layout needs.
    private func frame(
        _ values: inout TemplateValues, _ content: PageContent, _ words: [String: String], _ locale: String,
        _ note: PageNote?
    ) {
        let errors = content.form.errors.map { fault -> TemplateValues in
            let text = words["error_\(fault.word)"] ?? words[fault.word] ?? words["error_unknown"] ?? fault.word
            let isAtField = content.fields.contains { $0.name == fault.field }
            return [
                "field": .text(isAtField ? fault.field : ""), "text": .text(text),
                "label": .text(isAtField ? words["\(fault.field)_label"] ?? "" : ""),
            ]
        }
        let title = content.title ?? words["title"] ?? templates.appName
        values["w"] = .nested(TemplateValues(words.mapValues { .text($0) }))
        values["locale"] = .text(locale)
        values["title"] = .text(title)
        values["window_title"] = .text(errors.isEmpty ? title : "\(words["error_prefix"] ?? "Error:") \(title)")
        values["has_errors"] = .flag(!errors.isEmpty)
        values["errors"] = .list(errors)
        values["note"] = .text(note.flatMap { words["note_\($0.word)"] ?? words[$0.word] } ?? "")
        values["is_signed_in"] = .flag(content.reader != nil)
        values["reader"] = .text(content.reader?.email ?? "")
        values["shape"] = .text(content.shape.rawValue)
        values["has_navigation"] = .flag(content.shape == .columns)
        if values["refresh"] == nil { values["refresh"] = "" }
        values["is_development"] = .flag(isDevelopment)
        values["page"] = .nested([
            "account": .flag(content.name == "account"), "security": .flag(content.name == "account_security"),
            "sessions": .flag(content.name == "account_sessions"), "keys": .flag(content.name == "account_keys"),
            "usage": .flag(content.name == "account_usage"), "data": .flag(content.name == "account_data"),
        ])
    }

    /// Of the account, then what the browser asks for.
    package func language(of reader: PageContent.Reader?, _ request: Request) -> String {
        reader.map(\.locale).flatMap { Self.languages.contains($0) ? $0 : nil }
            ?? request.language(among: Self.languages)
    }

    /// The words of a page over the common ones, with values in them.
    package func words(
        of page: String, _ locale: String, _ values: TemplateValues = [:]
    ) throws -> [String: String] {
        let fallback = Self.languages[0]
        var values = values
        values["app_name"] = .text(templates.appName)
        let common = try words(Self.common).filled(locale, fallback: fallback, with: values)
        return common.merging(try words(page).filled(locale, fallback: fallback, with: values)) { $1 }
    }

    private func words(_ page: String) throws -> PageWords {
        if let words = known.words.withLock({ $0[page] }) { return words }
        let path = "pages/\(page).words"
        let words = try PageWords(try templates.source(of: path), name: path)
        known.words.withLock { $0[page] = words }
        return words
    }
}

extension PageFrame {
    /// The same page of the operator's own front end, with the query; nil if pages are ours.
    package func elsewhere(_ request: Request) -> Response? {
        guard let pagesURL, request.wantsPage else { return nil }
        let query = request.query.map { "?\($0)" } ?? ""
        return Response(status: 302, headers: [("Location", "\(pagesURL)\(request.path)\(query)")])
    }

    /// Leads a browser on after a form (RFC 9110 § 15.4.4).
    ///
    /// - Parameters:
    ///   - path: of our own origin.
    ///   - note: what the next page says once.
    package func leaving(to path: String, saying note: PageNote? = nil) throws -> Response {
        var response = Response(status: 303, headers: [("Location", path)])
        if let note { response.setCookie(try notes.cookie(note)) }
        return response
    }

    /// Leads a browser on to where it came from. Chromium drops a redirect of a form to another origin, also through a
    /// hop of our own, so there it is a page that leads on.
    package func leaving(to target: ReturnTarget, after request: Request) throws -> Response {
        guard targets.isElsewhere(target), !request.method.isSafe else {
            return Response(status: 303, headers: [("Location", target.text)])
        }
        var content = PageContent("leaving", ["target": .text(target.text)])
        content.values["refresh"] = .text(target.text)
        return try show(content, to: request)
    }

    /// Leads a browser whose session has run out to be refreshed and back, a form with its input; without anything to
    /// refresh to the page of signing in. The forms of a page lie below it: `/account/<page>/...`.
    package func signInAgain(_ request: Request) -> Response {
        if request.method.isSafe, let elsewhere = elsewhere(request) { return elsewhere }
        let isForm = !request.method.isSafe
        let query = request.query.map { "?\($0)" } ?? ""
        let path = isForm ? request.path : request.path + query
        if request.cookie(CredentialName.hintCookie) != nil {
            return Response(
                status: isForm ? 307 : 303,
                headers: [("Location", "/refresh-token/continue?return_to=\(PercentCoding.encode(path))")])
        }
        return signInFirst(for: path, isForm: isForm)
    }

    /// Leads a browser to prove once more who its person is, and back; from a form to the page that has it.
    package func proveAgain(_ request: Request) -> Response {
        let query = request.query.map { "?\($0)" } ?? ""
        let page = request.method.isSafe ? request.path + query : Self.page(ofForm: request.path)
        return Response(status: 303, headers: [("Location", "/step-up?return_to=\(PercentCoding.encode(page))")])
    }

    /// The forms of a page lie below it.
    private static func page(ofForm path: String) -> String {
        "/" + path.split(separator: "/").prefix(2).joined(separator: "/")
    }

    /// To the page of signing in, and from there to the page, which for a form is the one that has it.
    package func signInFirst(for target: String, isForm: Bool) -> Response {
        let page = isForm ? Self.page(ofForm: target) : target
        return Response(status: 303, headers: [("Location", "/sign-in?return_to=\(PercentCoding.encode(page))")])
    }

    /// Leads a browser on after a form to a page that says what was done, by the words of that name.
    ///
    /// - Parameters:
    ///   - next: where its button leads; the word `next` is on it.
    ///   - more: a word for a second paragraph.
    package func finished(
        _ name: String, _ values: [String: String], next: String = "", more: String = ""
    ) throws -> Response {
        let all = values.merging(["next_href": next, "more_word": more]) { $1 }
        return try leaving(to: "/done", saying: PageNote(name, on: "done", all))
    }

    /// The page that says so; nil if the browser brought nothing to say.
    package func finishedPage(_ request: Request) throws -> Response? {
        guard let note = notes.note(for: "done", of: request) else { return nil }
        let values = TemplateValues(note.values.mapValues { .text($0) })
        let words = try words(of: note.word, language(of: nil, request), values)
        var response = try show(
            .message(
                note.word, values, next: note.values["next_href"] ?? "",
                more: words[note.values["more_word"] ?? ""] ?? ""),
            to: request)
        response.setCookie(notes.cleared)
        return response
    }

    /// The body of a route that takes programs' bodies too.
    package func readAny<Body: Input>(
        _ type: Body.Type, _ request: Request, faults: [String: String] = [:]
    ) throws -> Result<Body, PageForm> {
        guard request.wantsPage, request.isForm else {
            return .success(try request.read(type, formats: [.json, .form]))
        }
        return try read(type, request, faults: faults).map { $0.body }
    }

    /// A form that a browser sent.
    ///
    /// - Parameter faults: words for what can be wrong with a field, by the message that programs get.
    /// - Returns: the form again with its input if it did not come from a page of this browser (403) or if fields are
    ///   not valid (422).
    /// - Throws: a problem for a body that is no form; for programs also what would be a form again.
    package func read<Body: Input>(
        _ type: Body.Type, _ request: Request, faults: [String: String] = [:]
    ) throws -> Result<(body: Body, form: PageForm), PageForm> {
        guard let text = String(utf8: request.body.span), let data = FormData(text) else {
            throw Problem(.badForm, "The body is not form data")
        }
        let form = PageForm(Dictionary(data.object.members.map { ($0.key, $0.value.text ?? "") }) { first, _ in first })
        guard guardian.accepts(form.texts[FormGuard.field], of: request) else {
            guard request.wantsPage else { throw Problem(.csrf) }
            return .failure(form.with("csrf", status: 403))
        }
        do throws(Problem) {
            return .success((try request.read(type, formats: [.form]), form))
        } catch {
            guard request.wantsPage, error.kind == .validationFailed else { throw error }
            return .failure(form.with(error.fieldErrors, words: faults))
        }
    }
}
