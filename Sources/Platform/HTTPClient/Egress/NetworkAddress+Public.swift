import Shared

extension NetworkAddress {
    /// Whether it belongs to one host of the internet: by the special-purpose registries of IANA (RFC 6890 and later)
    /// neither private, shared, local, reserved, for documentation, multicast, nor another address in disguise.
    var isPublic: Bool {
        guard isIPv4 else {
            return Self.globalUnicast.contains(self) && !Self.special6.contains { $0.contains(self) }
        }
        return !Self.special4.contains { $0.contains(self) }
    }

    /// Where clouds hand out the machine's credentials. Some of them are public by their number.
    var isMetadata: Bool { Self.metadata.contains(self) }

    private static func networks(_ texts: String...) -> [NetworkPrefix] { texts.compactMap(NetworkPrefix.init(text:)) }

    private static let special4 = networks(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4")

    /// What is outside of it is not used on the internet: loopback, mapped and translated addresses (`64:ff9b::/96`),
    /// unique local, link-local, site-local, multicast.
    private static let globalUnicast = NetworkPrefix(NetworkAddress(ipv6High: 0x2000_0000_0000_0000, low: 0), length: 3)

    /// Teredo and other protocols, documentation, 6to4.
    private static let special6 = networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")

    /// AWS and most others, AWS over IPv6, Alibaba, Oracle, Azure.
    private static let metadata = Set(
        ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16"]
            .compactMap(NetworkAddress.init(text:)))
}
