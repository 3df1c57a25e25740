import FoundationEssentials
import Shared
import Testing

@testable import HTTPClient

@Suite("The encodings of a mail")
struct MIMETests {
    /// What a reader's program makes of encoded words.
    private func decoded(_ header: String) throws -> String {
        var bytes: [UInt8] = []
        for word in header.split(separator: "\r\n ") {
            let content = try #require(word.hasPrefix("=?UTF-8?B?") && word.hasSuffix("?=") ? word : nil)
            let part = try #require(Data(base64Encoded: String(content.dropFirst(10).dropLast(2))))
            // Each word is whole text by itself.
            #expect(String(bytes: part, encoding: .utf8) != nil)
            bytes += part
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("a plain subject stays as it is")
    func plainSubject() {
        #expect(HeaderText.unstructured("Verify your address", used: 9) == "Verify your address")
    }

    @Test(
        "any other subject is encoded, in lines that are short enough, and comes back whole",
        arguments: [
            "\u{41F}\u{43E}\u{434}\u{442}\u{432}\u{435}\u{440}\u{434}\u{438}\u{442}\u{435}", "\u{1F600} hello",
            "=?UTF-8?B?aGVsbG8=?=",
            String(repeating: "long subject ", count: 30) + "end", String(repeating: "w", count: 1_200),
            String(repeating: "\u{44F}\u{1F600}", count: 200), "e" + String(repeating: "\u{301}", count: 400),
        ])
    func encodedSubject(subject: String) throws {
        let header = HeaderText.unstructured(subject, used: 9)
        #expect(try decoded(header) == subject)
        let lines = header.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines[0].utf8.count + 9 <= 76)
        #expect(lines.dropFirst().allSatisfy { $0.utf8.count <= 76 && $0.hasPrefix(" ") })
    }

    @Test("an encoded word is never cut within a character")
    func graphemes() throws {
        let family = "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}"
        let header = HeaderText.unstructured(String(repeating: family, count: 20), used: 9)
        for word in header.split(separator: "\r\n ") {
            let text = try decoded(String(word))
            #expect(text.count * family.utf8.count == text.utf8.count)
        }
    }

    @Test(
        "a name is written as its characters need",
        arguments: [
            ("Gapura", "Gapura"), ("Gapura ID", "Gapura ID"), ("Gapura, Inc.", "\"Gapura, Inc.\""),
            ("Say \"hi\" \\ bye", "\"Say \\\"hi\\\" \\\\ bye\""),
            ("\u{412}\u{43E}\u{440}\u{43E}\u{442}\u{430}", "=?UTF-8?B?0JLQvtGA0L7RgtCw?="),
        ])
    func names(name: String, header: String) {
        #expect(HeaderText.phrase(name, used: 6) == header)
    }

    @Test(
        "a sender is read in each of its forms",
        arguments: [
            ("a@example.com", nil), ("<a@example.com>", nil), ("Gapura <a@example.com>", "Gapura"),
            ("  Gapura  ID   <a@example.com> ", "Gapura ID"), ("\"Gapura, Inc.\" <a@example.com>", "Gapura, Inc."),
            ("\"Say \\\"hi\\\"\" <a@example.com>", "Say \"hi\""), ("\"\" <a@example.com>", nil),
            (
                "\u{412}\u{43E}\u{440}\u{43E}\u{442}\u{430} <a@example.com>",
                "\u{412}\u{43E}\u{440}\u{43E}\u{442}\u{430}"
            ),
        ] as [(String, String?)])
    func senders(text: String, name: String?) throws {
        let mailbox = try #require(Mailbox(text))
        #expect(mailbox.displayName == name)
        #expect(mailbox.address.text == "a@example.com")
    }

    @Test(
        "what is no sender is refused",
        arguments: [
            "", "Gapura", "Gapura <>", "Gapura <a@example.com", "Gapura a@example.com", "a@example.com, b@example.com",
            "<a@example.com> <b@example.com>", "Gapura, Inc. <a@example.com>", "\"Gapura <a@example.com>",
            "\"Ga\"pura\" <a@example.com>", "\"Gapura\\\" <a@example.com>", "Gapura <a b@example.com>",
            "Gapura <no-reply@localhost>",
        ])
    func noSenders(text: String) {
        #expect(Mailbox(text) == nil)
    }

    @Test("quoted-printable escapes what it must and keeps what it may")
    func quotedPrintable() {
        func encode(_ lines: String...) -> String {
            String(decoding: QuotedPrintable.encode(lines: lines.map { Array($0.utf8) }), as: UTF8.self)
        }
        #expect(encode("a=b", "\u{E9}", "", ".") == "a=3Db\r\n=C3=A9\r\n\r\n.\r\n")
        #expect(encode("a \t", "\t a") == "a =09\r\n\t a\r\n")
        #expect(encode(String(repeating: "x", count: 75)) == String(repeating: "x", count: 75) + "\r\n")
        #expect(encode(String(repeating: "x", count: 76)) == String(repeating: "x", count: 75) + "=\r\nx\r\n")
        #expect(encode(String(repeating: "x", count: 74) + "=") == String(repeating: "x", count: 74) + "=\r\n=3D\r\n")
    }

    @Test("a part takes the shorter encoding, and its lines end alike whatever they ended in")
    func parts() throws {
        func encoded(_ text: String) -> (head: String, body: String) {
            let text = String(decoding: TextPart(mediaType: "text/plain", text: text).encoded(), as: UTF8.self)
            let end = text.firstRange(of: "\r\n\r\n")
            return end.map { (String(text[..<$0.lowerBound]), String(text[$0.upperBound...])) } ?? (text, "")
        }
        let english = encoded("one\ntwo\r\nthree\rfour \u{2014}")
        #expect(english.head.hasSuffix("Content-Transfer-Encoding: quoted-printable"))
        #expect(english.body == "one\r\ntwo\r\nthree\r\nfour =E2=80=94\r\n")
        let russian = encoded("\u{43E}\u{434}\u{438}\u{43D}\n\u{434}\u{432}\u{430}\n")
        #expect(russian.head.hasSuffix("Content-Transfer-Encoding: base64"))
        let body = try #require(Data(base64Encoded: russian.body, options: .ignoreUnknownCharacters))
        #expect(String(decoding: body, as: UTF8.self) == "\u{43E}\u{434}\u{438}\u{43D}\r\n\u{434}\u{432}\u{430}\r\n")
    }
}
