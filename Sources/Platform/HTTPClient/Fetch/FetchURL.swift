import Shared

/// An absolute `http` or `https` URL that everybody reads the same way: what is unusual is refused, not repaired, so
/// that the guard and libcurl never see two different hosts in one text (RFC 3986, the strict part of it).
package struct FetchURL: Sendable, Hashable {
    /// Why a text is no such URL.
    package enum Problem: String, Error, Sendable {
        case tooLong, characters, scheme, credentials, host, port, fragment
    }

    package enum Host: Sendable, Hashable {
        /// Lower case, ASCII; an international name is in its `xn--` form.
        case name(String)
        case address(NetworkAddress)
    }

    package static let bytesMax = 2_048

    package let isSecure: Bool
    package let host: Host
    package let port: Int
    /// Path and query; begins with a slash.
    package let target: String

    package init(_ text: String) throws(Problem) {
        let bytes = text.utf8
        guard bytes.count <= Self.bytesMax else { throw .tooLong }
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) && !"\\\"<>^`{|}".utf8.contains($0) }) else {
            throw .characters
        }
        guard let separator = text.firstRange(of: "://") else { throw .scheme }
        switch text[..<separator.lowerBound].lowercased() {
        case "https": isSecure = true
        case "http": isSecure = false
        default: throw .scheme
        }
        guard !text.contains("#") else { throw .fragment }
        let rest = text[separator.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let authority = rest[..<end]
        guard !authority.contains("@") else { throw .credentials }
        let (hostText, portText) = try Self.split(authority)
        host = try Self.host(hostText)
        port = try Self.port(portText, isSecure: isSecure)
        let tail = rest[end...]
        target = tail.first == "/" ? String(tail) : "/" + tail
    }

    /// Scheme, host and port, always with the port: what a connection is made for.
    package var origin: String { "\(isSecure ? "https" : "http")://\(hostText):\(port)" }

    package var text: String {
        let isUsual = port == (isSecure ? 443 : 80)
        return "\(isSecure ? "https" : "http")://\(hostText)\(isUsual ? "" : ":\(port)")\(target)"
    }

    /// As it stands in a URL.
    var hostText: String {
        switch host {
        case .name(let name): name
        case .address(let address): address.isIPv4 ? "\(address)" : "[\(address)]"
        }
    }

    private static func split(_ authority: Substring) throws(Problem) -> (host: Substring, port: Substring?) {
        if authority.first == "[" {
            guard let close = authority.firstIndex(of: "]") else { throw .host }
            let after = authority[authority.index(after: close)...]
            if after.isEmpty { return (authority, nil) }
            guard after.first == ":" else { throw .host }
            return (authority[...close], after.dropFirst())
        }
        guard let colon = authority.firstIndex(of: ":") else { return (authority, nil) }
        return (authority[..<colon], authority[authority.index(after: colon)...])
    }

    private static func host(_ text: Substring) throws(Problem) -> Host {
        if text.first == "[" {
            // An IPv4 address in the clothes of an IPv6 one is written to get past somebody.
            guard let address = NetworkAddress(text: String(text.dropFirst().dropLast())), !address.isIPv4 else {
                throw .host
            }
            return .address(address)
        }
        if let address = NetworkAddress(text: String(text)) { return .address(address) }
        let name = text.lowercased()
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...253).contains(name.utf8.count), labels.allSatisfy(isLabel), let last = labels.last,
            !isNumber(last)
        else { throw .host }
        return .name(name)
    }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// `127.1`, `2130706433` and `0x7f.1` are addresses to the system's resolver, and to nobody else.
    private static func isNumber(_ label: Substring) -> Bool {
        if label.hasPrefix("0x") { return label.dropFirst(2).utf8.allSatisfy { Hex.value(of: $0) != nil } }
        return label.utf8.allSatisfy { (48...57).contains($0) }
    }

    private static func port(_ text: Substring?, isSecure: Bool) throws(Problem) -> Int {
        guard let text else { return isSecure ? 443 : 80 }
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }),
            let port = Int(text), (1...65_535).contains(port)
        else { throw .port }
        return port
    }
}

extension FetchURL: CustomStringConvertible {
    /// Without path and query, which may hold secrets.
    package var description: String { origin }
}

extension FetchURL.Problem {
    /// For a person, after the field's name.
    package var message: String {
        switch self {
        case .tooLong: "must have at most \(FetchURL.bytesMax) bytes"
        case .characters: "must be ASCII without spaces; write other characters as %XX and the host as xn--"
        case .scheme: "must begin with https://"
        case .credentials: "must not contain a user name or password"
        case .host: "must name a host such as hooks.example.com, or an IP address"
        case .port: "must have a port from 1 to 65535, or none"
        case .fragment: "must not contain a fragment (#)"
        }
    }
}
