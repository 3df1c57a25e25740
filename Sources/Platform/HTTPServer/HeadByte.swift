/// Which bytes may stand where in a request's head.
enum HeadByte {
    /// A class, so that the table is not copied to where it is used.
    final class Set: Sendable {
        /// For each byte 0 if it is in the set, else 1.
        private let others: InlineArray<256, UInt8>

        init(_ characters: String) {
            var others = InlineArray<256, UInt8>(repeating: 1)
            for byte in characters.utf8 { others[Int(byte)] = 0 }
            self.others = others
        }

        func containsAll(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
            var count: UInt8 = 0
            // Without a branch: nearly every head is sound to its last byte.
            for byte in bytes { count |= others[Int(byte)] }
            return count == 0
        }
    }

    private static let alphanumerics = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

    /// `tchar` of RFC 9110 § 5.6.2: what a method or a field name is made of.
    static let token = Set(alphanumerics + "!#$%&'*+-.^_`|~")

    /// What the hosts of this world are made of: names, IPv4 and bracketed IPv6 addresses, and a port.
    static let host = Set(alphanumerics + "-._:[]")

    /// Whether every byte may stand in a field value: no control byte but the tab (RFC 9110 § 5.5).
    static func areFieldValue(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var controls: UInt8 = 0
        // Without a branch and in one byte, so that sixteen are looked at at once.
        for byte in bytes {
            let isLow: UInt8 = byte < 0x20 ? 1 : 0
            let isOther: UInt8 = byte != 0x09 ? 1 : 0
            controls |= isLow & isOther | (byte == 0x7F ? 1 : 0)
        }
        return controls == 0
    }

    /// Whether every byte may stand in a target: visible ASCII.
    static func areTarget(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var others: UInt8 = 0
        for byte in bytes { others |= (byte <= 0x20 ? 1 : 0) | (byte >= 0x7F ? 1 : 0) }
        return others == 0
    }
}
