import HTTPClient
import Shared
import Testing

@Suite("A mail as a server takes it")
struct MailMessageTests {
    private static let id = Identifier(high: 0x0192_0000_0000_7000, low: 0x8000_0000_0000_0001)

    private func message(
        from: String = "Gapura <no-reply@example.com>", subject: String = "Hello", text: String = "Hello\n",
        html: String = "<p>Hello</p>\n", unsubscribe: String? = nil, milliseconds: Int64 = 1_795_253_400_123
    ) throws -> String {
        let message = MailMessage(
            id: Self.id, from: try #require(Mailbox(from)), to: try #require(EmailAddress("ani@example.net")),
            subject: subject, text: text, html: html, unsubscribe: unsubscribe,
            date: Timestamp(milliseconds: milliseconds))
        return String(decoding: message.bytes, as: UTF8.self)
    }

    /// The lines of a header, unfolded.
    private func header(_ name: String, in message: String) throws -> String {
        let head = try #require(message.components(separatedBy: "\r\n\r\n").first)
        let unfolded = head.components(separatedBy: "\r\n ").joined(separator: " ")
        let lines = unfolded.components(separatedBy: "\r\n").filter { $0.hasPrefix("\(name): ") }
        #expect(lines.count == 1, "\(name)")
        return String(try #require(lines.first).dropFirst(name.count + 2))
    }

    @Test("it is the whole message, its text before its HTML")
    func whole() throws {
        #expect(
            try message() == """
                Date: Sat, 21 Nov 2026 09:30:00 +0000\r
                From: Gapura <no-reply@example.com>\r
                To: ani@example.net\r
                Subject: Hello\r
                Message-ID: <01920000-0000-7000-8000-000000000001@example.com>\r
                Auto-Submitted: auto-generated\r
                MIME-Version: 1.0\r
                Content-Type: multipart/alternative;\r
                 boundary="=_01920000-0000-7000-8000-000000000001"\r
                \r
                --=_01920000-0000-7000-8000-000000000001\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Transfer-Encoding: quoted-printable\r
                \r
                Hello\r
                --=_01920000-0000-7000-8000-000000000001\r
                Content-Type: text/html; charset=utf-8\r
                Content-Transfer-Encoding: quoted-printable\r
                \r
                <p>Hello</p>\r
                --=_01920000-0000-7000-8000-000000000001--\r

                """)
    }

    @Test("one that can be ended says how, for one click")
    func unsubscribe() throws {
        let message = try message(unsubscribe: "https://gapura.test/unsubscribe?token=a.b-c_d")
        #expect(try header("List-Unsubscribe", in: message) == "<https://gapura.test/unsubscribe?token=a.b-c_d>")
        #expect(try header("List-Unsubscribe-Post", in: message) == "List-Unsubscribe=One-Click")
    }

    @Test(
        "what is no URL for a header is left out",
        arguments: [
            "https://a.test/\r\nBcc: b@example.com", "https://a.test/>", "https://a.test/\u{FC}", "https://a test",
        ])
    func badUnsubscribe(url: String) throws {
        #expect(try message(unsubscribe: url) == message())
    }

    @Test("built again it is the same to the byte")
    func again() throws {
        #expect(try message() == message())
    }

    @Test(
        "its date is the moment in the internet's form",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (951_782_399_000, "Mon, 28 Feb 2000 23:59:59 +0000"),
            (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 +0000"), (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
        ])
    func date(milliseconds: Int64, text: String) throws {
        #expect(try header("Date", in: message(milliseconds: milliseconds)) == text)
    }

    @Test(
        "a line break in a subject or a name makes no header",
        arguments: ["\r\n", "\n", "\r", "\r\n\r\n", "\u{85}", "\u{2028}", "\u{B}", "\0"])
    func injection(lineBreak: String) throws {
        let hostile = "Hi\(lineBreak)Bcc: eve@example.org"
        let message = try message(from: "\"\(hostile)\" <no-reply@example.com>", subject: hostile)
        #expect(try header("Subject", in: message) == "Hi Bcc: eve@example.org")
        #expect(try header("From", in: message) == "\"Hi Bcc: eve@example.org\" <no-reply@example.com>")
        #expect(!message.contains("\nBcc"))
    }

    @Test("a line break in an address is no address")
    func addressInjection() {
        #expect(EmailAddress("ani@example.net\r\nBcc: eve@example.org") == nil)
        #expect(Mailbox("Gapura <a@example.com>\r\nBcc: <eve@example.org>") == nil)
    }

    @Test("a part that looks like the boundary stays part of its text")
    func boundary() throws {
        let message = try message(text: "--=_\(Self.id)--\n.\n")
        #expect(message.components(separatedBy: "\r\n--=_\(Self.id)").count == 4)
        #expect(message.contains("\r\n--=3D_\(Self.id)--\r\n.\r\n"))
    }

    struct LongText: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String

        init(_ name: String, _ text: String) {
            testDescription = name
            self.text = text
        }
    }

    @Test(
        "no line is longer than the standard allows, and each ends in CR LF",
        arguments: [
            LongText("one long word", String(repeating: "w", count: 5_000)),
            LongText("one long Russian word", String(repeating: "\u{44F}", count: 5_000)),
            LongText("families", String(repeating: "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}", count: 300)),
            LongText("spaces", String(repeating: " ", count: 5_000)),
            LongText("one character with many accents", "a" + String(repeating: "\u{301}", count: 900)),
            LongText("many words", String(repeating: "word ", count: 400)),
        ])
    func lineLengths(sample: LongText) throws {
        let text = sample.text
        let message = try message(
            from: "\"\(text)\" <\(String(repeating: "a", count: 60))@\(String(repeating: "b", count: 60)).example.com>",
            subject: text, text: text, html: text)
        let lines = message.components(separatedBy: "\r\n")
        #expect(lines.allSatisfy { !$0.utf8.contains(10) && !$0.utf8.contains(13) })
        #expect((lines.map(\.utf8.count).max() ?? 0) <= 150)
        // Only the address may not be folded.
        #expect(lines.filter { $0.utf8.count > 78 }.allSatisfy { $0.contains("@") })
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [String] {
        var parts: [String] = []
        var rest = Array(utf8)[...]
        while let range = rest.firstRange(of: Array(separator.utf8)) {
            parts.append(String(decoding: rest[..<range.lowerBound], as: UTF8.self))
            rest = rest[range.upperBound...]
        }
        return parts + [String(decoding: rest, as: UTF8.self)]
    }
}
