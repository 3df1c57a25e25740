import HTTP
import JSON
import Shared
import Testing

@Suite("Names and addresses from outside")
struct NamesAndAddressesTests {
    private func message<Value>(_ type: FieldType<Value>, _ text: String) -> String? {
        switch type.read(.string(text)) {
        case .success: nil
        case .failure(let message): message.text
        }
    }

    private func matches(_ text: String, _ pattern: String) throws -> Bool {
        try Regex(pattern).matchingSemantics(.unicodeScalar).wholeMatch(in: text) != nil
    }

    @Test(
        "a name may be of any script, with the joiners and selectors that it needs",
        arguments: [
            "Ana", "O'Neil-Łukasz", "José María", "山田 太郎", "Тимур Ё", "अनीता क\u{200D}ष", "نیلوفر\u{200C}ها",
            "\u{1F469}\u{200D}\u{1F680} \u{2764}\u{FE0F}",
            "葛\u{E0100}城", "a", "Ана\u{0301}",
        ])
    func names(_ text: String) {
        #expect(message(.name(1...100), text) == nil)
    }

    @Test(
        "a name has nothing that is not seen or that turns the text around it",
        arguments: [
            "Ana\u{202E}nimda", "\u{2066}Ana\u{2069}", "Ana\u{200F}", "Ana\u{061C}", "Ana\u{200B}", "\u{FEFF}Ana",
            "A\u{AD}na",
            "Ana\u{2028}Lima", "Ana\u{2029}", "A\u{2060}na", "Ana\u{3164}", "Ana\u{0}", "Ana\nLima", "Ana\u{85}",
            "Ana\u{E0041}",
        ])
    func invisible(_ text: String) {
        #expect(message(.name(1...100), text)?.contains("invisible") == true)
    }

    @Test(
        "a name is seen",
        arguments: [" ", "\u{3000}", "\u{A0}\u{2003}", "\u{200D}", "\u{200C} \u{FE0F}", "\u{2800}", "\u{E0100}"])
    func seen(_ text: String) {
        #expect(message(.name(1...100), text)?.contains("can be seen") == true)
    }

    @Test("a name has its length in characters of Unicode")
    func length() {
        #expect(message(.name(2...3), "\u{1F600}\u{1F600}\u{1F600}") == nil)
        #expect(message(.name(2...3), "\u{1F600}") == "must have 2 to 3 characters")
        #expect(message(.name(2...3), "abcd") == "must have 2 to 3 characters")
    }

    @Test(
        "the address of a picture is one by the letter, so that whoever shows it need not fear it",
        arguments: [
            ("https://example.com", true), ("https://example.com/a.png", true),
            ("https://cdn.example.com:8443/a/b_c~d.png?w=1&h=2#x", true), ("https://a/%41%2f?q='(x)'", true),
            ("https://", false), ("http://example.com/a.png", false), ("https://\"><script>alert(1)</script>", false),
            ("https://example.com/a b", false), ("https://example.com/<b>", false), ("https://example.com/\"x", false),
            ("https://example.com/a\\b", false), ("https://u:p@example.com/", false), ("https://example.com:x/", false),
            ("https://example.com:123456/", false), ("https://-a.example/", false), ("https://a..b/", false),
            ("https://example.com/%4", false), ("https://example.com/%zz", false), ("https://exämple.com/", false),
            ("https://example.com/`", false), ("javascript:alert(1)", false), ("https:///a", false),
            ("https://[::1]/", false),
        ])
    func webAddresses(_ text: String, _ isOne: Bool) throws {
        #expect((message(.webAddress, text) == nil) == isOne)
        let pattern = try #require(FieldType<String>.webAddress.schema["pattern"]?.text)
        #expect(try matches(text, pattern) == isOne)
    }

    @Test("white space around an address is not part of it, and what it should look like is said")
    func emails() throws {
        for text in ["ana@example.com ", "\t ana@example.com", " ana@example.com \t"] {
            guard case .success(let address) = FieldType<EmailAddress>.email.read(.string(text)) else {
                Issue.record("\(text) is refused")
                continue
            }
            #expect(address.text == "ana@example.com")
        }
        #expect(message(.email, "ana@exämple.com")?.contains("xn--") == true)
        #expect(message(.email, "änä@example.com")?.contains("ASCII") == true)
        for text in ["", " ", "ana", "ana lima@example.com", "ana@example.com\n"] {
            #expect(message(.email, text) == "must be a valid e-mail address", "\(text)")
        }
    }
}
