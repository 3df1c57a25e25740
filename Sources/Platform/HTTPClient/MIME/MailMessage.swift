import Shared

/// A mail as a server takes it (RFC 5322, RFC 2045): the same text as plain text and as HTML.
///
/// Everything in it follows from its values, so a mail that is built again is the same to the byte.
package struct MailMessage: Sendable, Equatable {
    package let from: Mailbox
    package let to: EmailAddress
    /// `CRLF` at the end of each line, none longer than 998 bytes; not yet dot-stuffed.
    package let bytes: [UInt8]

    /// - Parameters:
    ///   - id: the mail's own. With the sender's host it makes the `Message-ID`, by which readers' programs and
    ///     servers know that a repeated mail is the same one.
    ///   - subject: any text; line ends and other control characters become spaces.
    ///   - unsubscribe: an https URL at which a `POST` ends such mails (RFC 8058): printable ASCII without spaces and
    ///     angle brackets, 900 bytes at most; another one is left out.
    ///   - date: when the mail was made.
    package init(
        id: Identifier, from: Mailbox, to: EmailAddress, subject: String, text: String, html: String,
        unsubscribe: String? = nil, date: Timestamp
    ) {
        self.from = from
        self.to = to
        // `=_` is in no quoted-printable and in no base64 text (RFC 2045 § 6.7).
        let boundary = "=_\(id)"
        let head = """
            Date: \(InternetDate.text(date))\r
            From: \(from.header(used: "From: ".utf8.count))\r
            To: \(to.text)\r
            Subject: \(HeaderText.unstructured(subject, used: "Subject: ".utf8.count))\r
            Message-ID: <\(id)@\(from.address.host)>\r
            Auto-Submitted: auto-generated\r
            \(Self.unsubscribing(unsubscribe))MIME-Version: 1.0\r
            Content-Type: multipart/alternative;\r
             boundary="\(boundary)"\r
            \r

            """
        // The last part is the one that a reader's program prefers (RFC 2046 § 5.1.4).
        let parts = [TextPart(mediaType: "text/plain", text: text), TextPart(mediaType: "text/html", text: html)]
        bytes =
            Array(head.utf8) + parts.flatMap { Array("--\(boundary)\r\n".utf8) + $0.encoded() }
            + Array("--\(boundary)--\r\n".utf8)
    }

    /// The two headers by which a reader's program offers to unsubscribe (RFC 2369 § 3.2, RFC 8058 § 3.1).
    private static func unsubscribing(_ url: String?) -> String {
        guard let url, url.utf8.count <= 900,
            url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") })
        else { return "" }
        return "List-Unsubscribe: <\(url)>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    }
}

extension EmailAddress {
    /// What stands behind the `@`.
    var host: String { String(text[text.index(after: text.lastIndex(of: "@") ?? text.startIndex)...]) }
}
