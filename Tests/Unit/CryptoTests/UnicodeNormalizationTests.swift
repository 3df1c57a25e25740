import Crypto
import Testing

@Suite("Unicode normalisation")
struct UnicodeNormalizationTests {
    @Test(
        "text becomes Normalization Form C",
        arguments: [
            ("", ""), ("plain ASCII\u{7F}", "plain ASCII\u{7F}"), ("e\u{301}", "\u{E9}"),
            ("\u{212B}", "\u{C5}"), ("\u{1112}\u{1161}\u{11AB}", "\u{D55C}"), ("q\u{307}\u{323}", "q\u{323}\u{307}"),
            // Excluded from composition, and a scalar outside the Basic Multilingual Plane.
            ("\u{958}", "\u{915}\u{93C}"), ("\u{1D15E}", "\u{1D157}\u{1D165}"),
            // Compatibility characters stay.
            ("\u{FB01}", "\u{FB01}"),
        ])
    func composes(text: String, normalized: String) {
        // By scalars: `==` of strings cannot tell the two apart.
        #expect(UnicodeNormalization.nfc(text).map { Array($0.unicodeScalars) } == Array(normalized.unicodeScalars))
    }

    @Test("U+0000 neither ends the text nor is lost")
    func nul() {
        #expect(UnicodeNormalization.nfc("a\u{0}e\u{301}").map { Array($0.utf8) } == Array("a\u{0}\u{E9}".utf8))
    }
}
