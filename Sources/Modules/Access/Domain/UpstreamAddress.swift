import Shared

/// The address of a service, as it stands in the configuration of a gateway. It is written there as it is, so it has
/// nothing in it that means something to nginx, Caddy, Traefik or a shell.
package enum UpstreamAddress {
    package static let bytesMax = 255

    /// Whether it is `http://host[:port][/path]` or the same with `https`: no user, no query, no variable.
    package static func isValid(_ text: String) -> Bool {
        guard text.utf8.count <= bytesMax else { return false }
        let rest: Substring
        if text.hasPrefix("http://") {
            rest = text.dropFirst(7)
        } else if text.hasPrefix("https://") {
            rest = text.dropFirst(8)
        } else {
            return false
        }
        let authority = rest.prefix { $0 != "/" }
        let path = rest[authority.endIndex...].utf8
        guard path.allSatisfy({ isLetterOrDigit($0) || "-._~/".utf8.contains($0) }) else { return false }
        return isAuthority(authority)
    }

    private static func isAuthority(_ text: Substring) -> Bool {
        let host: Substring
        let port: Substring
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return false }
            host = text[text.index(after: text.startIndex)..<end]
            port = text[text.index(after: end)...]
            guard !host.isEmpty, host.utf8.allSatisfy({ Hex.value(of: $0) != nil || $0 == 0x3A || $0 == 0x2E }) else {
                return false
            }
        } else {
            host = text.prefix { $0 != ":" }
            port = text[host.endIndex...]
            let labels = host.split(separator: ".", omittingEmptySubsequences: false)
            guard labels.allSatisfy(isLabel) else { return false }
        }
        guard let colon = port.first else { return true }
        guard colon == ":", (2...6).contains(port.utf8.count),
            port.utf8.dropFirst().allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(port.dropFirst())
        else { return false }
        return (1...65_535).contains(number)
    }

    /// Container networks have names with `_`.
    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy { isLetterOrDigit($0) || $0 == 0x2D || $0 == 0x5F }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte)
    }
}
