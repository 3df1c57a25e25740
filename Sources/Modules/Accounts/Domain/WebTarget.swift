import Shared

/// A whole http or https address, as far as it can be trusted to mean to a browser what it means here: no user, an ASCII
/// host, no way up out of a folder.
struct WebTarget: Sendable, Equatable {
    let isSecure: Bool
    /// In lower case.
    let host: String
    /// Nil for the scheme's own.
    let port: UInt16?
    /// With its slash in front.
    let path: String
    let query: String?

    init?(_ text: String) {
        guard let scheme = Self.scheme(of: text) else { return nil }
        let rest = text.utf8.dropFirst(scheme.utf8.count)
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        guard let (host, port) = Self.authority(rest[..<end]) else { return nil }
        let target = rest[end...].split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        let path = target.first.map { String(Substring($0)) } ?? ""
        guard Self.segments(path[...]) != nil else { return nil }
        isSecure = scheme == "https://"
        self.host = host
        self.port = port == (isSecure ? 443 : 80) ? nil : port
        self.path = Self.escaped(path.isEmpty ? "/" : path)
        query = target.count == 2 ? Self.escaped(String(Substring(target[1]))) : nil
    }

    var origin: String { "\(isSecure ? "https" : "http")://\(host)\(port.map { ":\($0)" } ?? "")" }
    var text: String { origin + path + (query.map { "?\($0)" } ?? "") }
    var isLoopback: Bool { ["localhost", "127.0.0.1", "[::1]"].contains(host) }

    private static func scheme(of text: String) -> String? {
        ["https://", "http://"].first { scheme in
            String(decoding: text.utf8.prefix(scheme.utf8.count), as: UTF8.self).lowercased() == scheme
        }
    }

    private static func authority(_ bytes: Substring.UTF8View) -> (String, UInt16?)? {
        let text = String(Substring(bytes)).lowercased()
        let hostEnd: String.Index
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            hostEnd = text.index(after: close)
        } else {
            hostEnd = text.firstIndex(of: ":") ?? text.endIndex
        }
        let (host, rest) = (String(text[..<hostEnd]), text[hostEnd...])
        guard isHost(host) else { return nil }
        if rest.isEmpty { return (host, nil) }
        let digits = rest.dropFirst()
        guard rest.first == ":", (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy(isDigit),
            let port = UInt16(digits), port > 0
        else { return nil }
        return (host, port)
    }

    private static func isHost(_ host: String) -> Bool {
        if host.hasPrefix("[") {
            let inner = String(host.dropFirst().dropLast())
            return host.hasSuffix("]") && NetworkAddress(text: inner)?.description == inner
        }
        return host.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            guard let first = label.first, let last = label.last, label.count <= 63 else { return false }
            return isLetterOrDigit(first) && isLetterOrDigit(last)
                && label.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    /// The decoded segments of a path; nil if one leads up or nowhere, or the first hides what a browser or a proxy
    /// could take for something else: a slash, a backslash, a control character, a space.
    static func segments(_ path: Substring) -> [String]? {
        var segments: [String] = []
        for part in path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let segment = decoded(part), segment != ".", segment != ".." else { return nil }
            if segments.isEmpty {
                let hides = segment.unicodeScalars.contains { scalar in
                    scalar == "/" || scalar == "\\" || scalar.value <= 0x20 || (0x7F...0xA0).contains(scalar.value)
                        || scalar.properties.isWhitespace
                }
                if hides { return nil }
            }
            segments.append(segment)
        }
        return segments
    }

    private static func decoded(_ part: Substring.UTF8View.SubSequence) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(part)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let first = rest.popFirst().flatMap(Hex.value), let second = rest.popFirst().flatMap(Hex.value) else {
                return nil
            }
            bytes.append(first << 4 | second)
        }
        return String(utf8: bytes.span)
    }

    /// With what is not ASCII percent-encoded, as a header field has it.
    static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 >= 0x80 }) else { return text }
        return text.utf8.map { byte in
            byte < 0x80
                ? String(decoding: CollectionOfOne(byte), as: UTF8.self) : "%\(Hex.encode([byte]).uppercased())"
        }.joined()
    }
}
