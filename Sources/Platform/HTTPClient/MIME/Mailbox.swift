import Shared

/// An address with the name that readers see before it (RFC 5322 § 3.4).
package struct Mailbox: Sendable, Equatable {
    /// Nil or not empty; one line.
    package let displayName: String?
    package let address: EmailAddress

    /// - Parameter displayName: control characters become spaces; empty means none.
    package init(displayName: String? = nil, address: EmailAddress) {
        let name = displayName.map(HeaderText.oneLine) ?? ""
        self.displayName = name.isEmpty ? nil : name
        self.address = address
    }

    /// Reads `a@example.com`, `<a@example.com>`, `Name <a@example.com>` and `"Name, Inc." <a@example.com>`; nil for
    /// anything else, such as two addresses.
    package init?(_ text: String) {
        let text = HeaderText.oneLine(text)
        guard text.last == ">" else {
            guard let address = EmailAddress(text) else { return nil }
            self.init(address: address)
            return
        }
        guard let bracket = text.lastIndex(of: "<"),
            let address = EmailAddress(String(text[text.index(after: bracket)...].dropLast())),
            let name = Self.name(HeaderText.oneLine(String(text[..<bracket])))
        else { return nil }
        self.init(displayName: name, address: address)
    }

    /// A name without its quotes; nil if they do not match or if what would need them has none.
    private static func name(_ text: String) -> String? {
        guard text.first == "\"" else {
            return text.contains { "\"<>@,;:\\".contains($0) } ? nil : text
        }
        guard text.count >= 2, text.last == "\"" else { return nil }
        var name = ""
        var isEscaped = false
        for character in text.dropFirst().dropLast() {
            if !isEscaped, character == "\\" {
                isEscaped = true
                continue
            }
            if !isEscaped, character == "\"" { return nil }
            name.append(character)
            isEscaped = false
        }
        return isEscaped ? nil : name
    }

    /// As a header has it.
    ///
    /// - Parameter used: the bytes before it in its line: `From: `.
    func header(used: Int) -> String {
        guard let displayName else { return address.mailForm }
        let name = HeaderText.phrase(displayName, used: used)
        let lines = name.utf8.split(separator: 0x0A)
        let length = (lines.last?.count ?? 0) + (lines.count == 1 ? used : 0)
        // An address has up to 254 bytes; it goes to a line of its own where it would make one too long.
        let separator = length + address.mailForm.utf8.count + 3 > 78 ? "\r\n " : " "
        return "\(name)\(separator)<\(address.mailForm)>"
    }
}
