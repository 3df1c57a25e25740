import Assets
import Templates
import Testing

/// The mails that are part of the program. The pages are in ShippedPagesTests.
@Suite("The shipped templates")
struct ShippedTemplateTests {
    @Test("the verification mail has the link, the address and how long it works, in text and in HTML")
    func verificationMail() throws {
        let values: TemplateValues = [
            "app_name": "Toko & Co", "email": "ani@example.com", "expires_in": "24 hours",
            "link": "https://example.com/verify?token=a&b",
        ]
        func render(_ part: String, as format: TemplateFormat) throws -> String {
            let source = try #require(Assets.text("templates/email/en/verify_email.\(part).mustache"))
            return try Template(source, name: part, format: format).render(values)
        }
        #expect(try render("subject", as: .text) == "Verify your address for Toko & Co\n")
        let text = try render("txt", as: .text)
        #expect(text.contains("\nhttps://example.com/verify?token=a&b\n"))
        #expect(text.contains("ani@example.com") && text.contains("24 hours"))
        let html = try render("html", as: .html)
        #expect(html.contains("href=\"https://example.com/verify?token=a&amp;b\""))
        #expect(html.contains("ani@example.com") && html.contains("24 hours") && html.contains("Toko &amp; Co"))
        #expect(!html.contains("<img") && !html.contains("src="))
    }

    @Test("every mail is there in every language, with the same values in each of them")
    func languages() throws {
        let english = Set(names(of: "en"))
        #expect(!english.isEmpty)
        for locale in ["id", "ru"] {
            #expect(Set(names(of: locale)) == english, "\(locale)")
            for name in english.sorted() {
                let values = try tags("en", name)
                #expect(try tags(locale, name) == values, "\(locale) \(name)")
            }
        }
    }

    @Test("a mail loads nothing from anywhere, so that nobody learns that it was opened")
    func noTrackers() throws {
        for path in Assets.paths(under: "templates/email/") {
            let text = try #require(Assets.text(path))
            for forbidden in ["<img", "src=", "<script", "<link", "url(", "http://", "https://"] {
                #expect(!text.contains(forbidden), "\(path)")
            }
        }
    }

    /// `verify_email.txt.mustache` and so on.
    private func names(of locale: String) -> [String] {
        let folder = "templates/email/\(locale)/"
        return Assets.paths(under: folder).map { String($0.dropFirst(folder.count)) }
    }

    private func tags(_ locale: String, _ name: String) throws -> Set<String> {
        let text = try #require(Assets.text("templates/email/\(locale)/\(name)"))
        return Set(
            text.split(separator: "{{", omittingEmptySubsequences: false).dropFirst().compactMap {
                $0.split(separator: "}}").first.map(String.init)
            })
    }
}
