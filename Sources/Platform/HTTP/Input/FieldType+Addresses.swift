import JSON
import Shared

extension FieldType where Value == String {
    /// The https address of a picture or a page (RFC 3986), without a user.
    package static var webAddress: FieldType {
        let schema: @Sendable () -> JSONObject = {
            [
                "type": "string", "maxLength": .integer(Int64(WebAddress.bytesMax)),
                "pattern": .string(WebAddress.pattern),
                "examples": ["https://example.com/a.png"],
            ]
        }
        return FieldType(schema: schema(), placeholder: "") { value in
            guard case .string(let text) = value, WebAddress.isOne(text) else {
                return .failure("must be an https address of at most \(WebAddress.bytesMax) characters")
            }
            return .success(text)
        }
    }
}

/// What `https:` addresses may be made of: whatever shows one need not fear what is in it.
private enum WebAddress {
    static let bytesMax = 500
    private static let scheme = "https://"

    static var pattern: String {
        let label = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
        let rest = #"([A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*"#
        return #"^https://\#(label)([.]\#(label))*(:[0-9]{1,5})?([/?#]\#(rest))?$"#
    }

    static func isOne(_ text: String) -> Bool {
        guard text.hasPrefix(scheme), text.utf8.count <= bytesMax else { return false }
        let bytes = Array(text.utf8.dropFirst(scheme.utf8.count))
        let end = bytes.firstIndex { "/?#".utf8.contains($0) } ?? bytes.endIndex
        return isAuthority(bytes[..<end]) && isRest(bytes[end...])
    }

    private static func isAuthority(_ bytes: ArraySlice<UInt8>) -> Bool {
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard let host = parts.first, parts.count <= 2 else { return false }
        if parts.count == 2, !(1...5).contains(parts[1].count) || !parts[1].allSatisfy(isDigit) { return false }
        return host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            guard let first = label.first, let last = label.last else { return false }
            return isAlphanumeric(first) && isAlphanumeric(last)
                && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isRest(_ bytes: ArraySlice<UInt8>) -> Bool {
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == UInt8(ascii: "%") {
                guard index + 2 < bytes.endIndex, isHex(bytes[index + 1]), isHex(bytes[index + 2]) else { return false }
                index += 3
            } else {
                guard isAlphanumeric(bytes[index]) || "._~:/?#@!$&'()*+,;=-".utf8.contains(bytes[index]) else {
                    return false
                }
                index += 1
            }
        }
        return true
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
    private static func isHex(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}

extension FieldType where Value == EmailAddress {
    /// An e-mail address. White space around it, which browsers and phones add when they fill it in, is not part of it.
    package static var email: FieldType {
        let schema: @Sendable () -> JSONObject = {
            [
                "type": "string", "format": "email", "maxLength": 254,
                "pattern": .string(emailPattern), "examples": ["ana@example.com"],
            ]
        }
        return FieldType(schema: schema(), placeholder: EmailAddress("placeholder@example.com")!) { value in
            guard case .string(let text) = value else { return .failure("must be a valid e-mail address") }
            let trimmed = trimmingSpace(text)
            if let address = EmailAddress(trimmed) { return .success(address) }
            guard let at = trimmed.lastIndex(of: "@"), !trimmed.utf8.allSatisfy({ $0 < 0x80 }) else {
                return .failure("must be a valid e-mail address")
            }
            if trimmed[..<at].utf8.allSatisfy({ $0 < 0x80 }) {
                return .failure("must be a valid e-mail address, with an international domain in its xn-- form")
            }
            return .failure("must be a valid e-mail address; before the @ only ASCII characters are possible")
        }
    }

    private static func trimmingSpace(_ text: String) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        let start = text.utf8.drop(while: isSpace)
        guard let last = start.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(Substring(start[...last]))
    }

    /// What `EmailAddress` takes, but for the lengths of the parts.
    private static var emailPattern: String {
        let character = #"A-Za-z0-9!#$%&'*+/=?^_`{|}~-"#
        let label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
        return #"^(?=.{1,64}@)[\#(character)][.\#(character)]*@(\#(label)\.)+(?![0-9]+$)\#(label)$"#
    }
}
