import Shared

/// Scheme, host and port of a web address (RFC 6454), without a path.
package struct WebOrigin: Sendable {
    package let text: String
    package let isHTTPS: Bool
    /// With the port, if there is one.
    package let host: String
    /// Without the port.
    package let name: String

    /// Nil for anything but `http://host[:port]` and `https://host[:port]` in lower case.
    package init?(text: String) {
        let schemes = ["https://", "http://"]
        guard let scheme = schemes.first(where: text.hasPrefix) else { return nil }
        let host = text.dropFirst(scheme.count)
        guard let name = Self.name(of: host), Self.isPort(host.dropFirst(name.count)) else { return nil }
        self.name = String(name)
        self.text = text
        self.host = String(host)
        isHTTPS = scheme == "https://"
    }

    /// Whether only this machine can be meant.
    package var isLocal: Bool { ["localhost", "127.0.0.1", "[::1]"].contains(name) }

    /// Whether the host is an address and no name.
    package var isAddress: Bool { name.first == "[" || NetworkAddress(text: name) != nil }

    /// What stands before the port; nil if it cannot be a host's name or address.
    private static func name(of host: Substring) -> Substring? {
        if host.first == "[" {
            guard let end = host.firstIndex(of: "]"), NetworkAddress(text: String(host[..<end].dropFirst())) != nil
            else { return nil }
            return host[...end]
        }
        let name = host.prefix { $0 != ":" }
        let isGood = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return isGood && !name.isEmpty ? name : nil
    }

    /// Whether it is nothing, or a colon and a port.
    private static func isPort(_ text: Substring) -> Bool {
        guard text.first == ":" else { return text.isEmpty }
        return text.dropFirst().utf8.allSatisfy { (48...57).contains($0) } && UInt16(text.dropFirst()) != nil
    }
}
