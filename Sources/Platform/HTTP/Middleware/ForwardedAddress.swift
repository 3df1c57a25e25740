import Shared

/// Finds the client in `X-Forwarded-For`, for whoever has found that the peer is to be believed.
package struct ForwardedAddress: Sendable {
    private let trusted: [NetworkPrefix]
    private let complaint: Complaint

    /// - Parameters:
    ///   - trusted: proxies; what they appended is believed.
    ///   - clock: says when there may be a complaint again about what cannot be read.
    package init(trusted: [NetworkPrefix], clock: any WallClock, logger: Logger) {
        self.trusted = trusted
        complaint = Complaint(clock: clock, logger: logger)
    }

    package func isTrusted(_ address: NetworkAddress) -> Bool {
        trusted.contains { $0.contains(address) }
    }

    /// The last hop that is not a trusted proxy; the peer if there is none. From the right, because only what trusted
    /// proxies appended can be believed.
    package func client(of request: Request) -> NetworkAddress {
        // Most gateways tell one address.
        if request.headers.count(of: Self.name) == 1, let only = request.headers[Self.name],
            let address = NetworkAddress(text: only)
        {
            return address
        }
        return lastUntrustedHop(request.headers.all(Self.name), from: request.peer) ?? request.peer
    }

    static let name = "x-forwarded-for"

    private func lastUntrustedHop(_ headers: [String], from peer: NetworkAddress) -> NetworkAddress? {
        let hops = headers.flatMap { $0.split(separator: ",") }.map(Self.trimmed).filter { !$0.isEmpty }
        var last: NetworkAddress?
        for hop in hops.reversed() {
            guard let address = Self.address(hop) else {
                complaint.make(
                    "X-Forwarded-For cannot be read; the visitors of this proxy count as one",
                    ["peer": LogValue(peer), "hop": LogValue(String(hop.prefix(64)))])
                return last
            }
            last = address
            if !isTrusted(address) { return address }
        }
        if hops.isEmpty, !headers.isEmpty {
            complaint.make(
                "X-Forwarded-For is empty; the visitors of this proxy count as one", ["peer": LogValue(peer)])
        }
        return last
    }

    /// What proxies write: `a.b.c.d`, `a.b.c.d:port`, an IPv6 address, or one in brackets with or without a port.
    private static func address(_ hop: Substring) -> NetworkAddress? {
        if hop.utf8.first == UInt8(ascii: "[") {
            guard let end = hop.firstIndex(of: "]") else { return nil }
            let inner = hop[hop.index(after: hop.startIndex)..<end]
            guard inner.utf8.contains(UInt8(ascii: ":")), isPort(hop[hop.index(after: end)...]) else { return nil }
            return NetworkAddress(text: String(inner))
        }
        if let address = NetworkAddress(text: String(hop)) { return address }
        guard let colon = hop.firstIndex(of: ":"), hop[..<colon].utf8.contains(UInt8(ascii: ".")),
            isPort(hop[colon...])
        else { return nil }
        return NetworkAddress(text: String(hop[..<colon]))
    }

    /// Nothing, or a colon and a port.
    private static func isPort(_ text: Substring) -> Bool {
        if text.isEmpty { return true }
        let digits = text.dropFirst().utf8
        return text.first == ":" && digits.allSatisfy { (0x30...0x39).contains($0) } && UInt16(text.dropFirst()) != nil
    }

    /// Without optional white space (RFC 9110 § 5.6.3).
    private static func trimmed(_ text: Substring) -> Substring {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        var bytes = text.utf8
        while let first = bytes.first, isSpace(first) { bytes.removeFirst() }
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        return Substring(bytes)
    }
}
