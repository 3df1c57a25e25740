/// Scheme, host and port of a web address (RFC 6454), without a path.
struct WebOrigin: Sendable {
    let text: String
    let isHTTPS: Bool
    /// With the port, if there is one.
    let host: String

    /// Nil for anything but `http://host[:port]` and `https://host[:port]` in lower case.
    init?(text: String) {
        let schemes = ["https://", "http://"]
        guard let scheme = schemes.first(where: text.hasPrefix) else { return nil }
        let host = text.dropFirst(scheme.count)
        let isGood = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
                UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                true
            default: false
            }
        }
        guard isGood, !host.isEmpty, host.first != ":" else { return nil }
        self.text = text
        self.host = String(host)
        isHTTPS = scheme == "https://"
    }

    /// Whether only this machine can be meant.
    var isLocal: Bool {
        let name = host.split(separator: ":").first ?? ""
        return name == "localhost" || name == "127.0.0.1"
    }
}
