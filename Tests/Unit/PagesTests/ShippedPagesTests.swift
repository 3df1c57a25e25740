import Assets
import Pages
import Shared
import Testing

/// The pages that are part of the program: their templates and their words.
@Suite("The shipped pages")
struct ShippedPagesTests {
    private static let folder = "templates/pages/"
    private static let forDevelopers: Set<String> = ["mailbox", "mail", "identity_choice", "identity_sandbox"]
    /// Templates that several pages share, with the pages.
    private static let shared = [
        "message": [
            "declined", "erased", "link_used", "verified", "email_changed", "email_change_undone",
            "mfa_reset_stopped",
        ], "confirm": ["login_link", "change_email", "undo_email_change", "stop_mfa_reset"],
    ]
    private static let parts = ["layout", "summary", "field", "csrf", "account_navigation"]

    static let pages = Assets.paths(under: folder).filter { $0.hasSuffix(".words") }
        .map { String($0.dropFirst(folder.count).dropLast(".words".count)) }

    static let templates = Assets.paths(under: folder).filter { $0.hasSuffix(".html.mustache") }
        .map { String($0.dropFirst(folder.count).dropLast(".html.mustache".count)) }

    private func words(_ page: String) throws -> PageWords {
        try PageWords(try #require(Assets.text("\(Self.folder)\(page).words")), name: page)
    }

    private func template(_ name: String) throws -> String {
        try #require(Assets.text("\(Self.folder)\(name).html.mustache"))
    }

    @Test("every word is there in every language, with the same values in it", arguments: pages)
    func languages(page: String) throws {
        guard !Self.forDevelopers.contains(page) else { return }
        func placeholders(_ text: String) -> Set<Substring> {
            let parts = text.split(separator: "{", omittingEmptySubsequences: false).dropFirst()
            return Set(parts.compactMap { $0.split(separator: "}").first })
        }
        let texts = try words(page).texts
        let english = try #require(texts["en"])
        for language in ["id", "ru"] {
            let other = try #require(texts[language])
            #expect(Set(other.keys) == Set(english.keys), "\(language)")
            for (key, text) in english {
                #expect(placeholders(other[key] ?? "") == placeholders(text), "\(language) \(key)")
                #expect(other[key]?.isEmpty == false)
            }
        }
    }

    @Test("every page has a template, every template has a page, and every page a title")
    func complete() throws {
        let sharing = Set(Self.shared.values.flatMap { $0 })
        for page in Self.pages where page != "common" {
            #expect(sharing.contains(page) || Self.templates.contains(page), "\(page)")
            if page != "problem" { #expect(try words(page).texts["en"]?["title"] != nil, "\(page)") }
        }
        for template in Self.templates where !Self.parts.contains(template) {
            #expect(Self.shared[template] != nil || Self.pages.contains(template), "\(template)")
        }
    }

    @Test("a template asks for words that its pages have", arguments: templates)
    func asked(template name: String) throws {
        let asked = try template(name).split(separator: "{{w.").dropFirst()
            .compactMap { $0.split(separator: "}}").first.map(String.init) }
        let common = try words("common").texts["en"] ?? [:]
        for page in Self.parts.contains(name) ? ["common"] : Self.shared[name] ?? [name] {
            let own = try words(page).texts["en"] ?? [:]
            for key in asked where !(name == "message" && key == "next") {
                #expect(own[key] != nil || common[key] != nil, "\(page): \(key)")
            }
        }
    }

    @Test(
        "a page needs no script and no style of its own, and every form is a post with its token", arguments: templates)
    func policy(template name: String) throws {
        let html = try template(name)
        for forbidden in ["<script", "<style", " style=", " onclick=", "javascript:", "placeholder="] {
            #expect(!html.contains(forbidden), "\(forbidden)")
        }
        guard !Self.forDevelopers.contains(name) else { return }
        for form in html.split(separator: "<form").dropFirst() {
            #expect(form.hasPrefix(" method=\"post\" action=\""))
            // What a program of the reader's posts (RFC 8058) comes without one.
            if name != "unsubscribe" { #expect(form.contains("{{> csrf}}")) }
        }
    }

    @Test("words say where a line is neither key nor text")
    func malformed() {
        for source in ["  en text", "key\n  en", "key\n  en a\n  en b"] {
            #expect(throws: InternalFailure.self) { _ = try PageWords(source, name: "x") }
        }
    }
}
