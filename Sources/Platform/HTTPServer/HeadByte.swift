/// Which bytes may stand where in a request's head.
enum HeadByte {
    /// 128 bits, one for each ASCII byte.
    struct Set {
        private let low: UInt64
        private let high: UInt64

        init(_ characters: String) {
            var low: UInt64 = 0
            var high: UInt64 = 0
            for byte in characters.utf8 {
                if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte - 64) }
            }
            self.low = low
            self.high = high
        }

        @inline(__always)
        func contains(_ byte: UInt8) -> Bool {
            let word = byte < 64 ? low : high
            return byte < 128 && word >> UInt64(byte & 63) & 1 == 1
        }

        func containsAll(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
            var isContained = true
            for byte in bytes { isContained = isContained && contains(byte) }
            return isContained
        }
    }

    private static let alphanumerics = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

    /// `tchar` of RFC 9110 § 5.6.2: what a method or a field name is made of.
    static let token = Set(alphanumerics + "!#$%&'*+-.^_`|~")

    /// What the hosts of this world are made of: names, IPv4 and bracketed IPv6 addresses, and a port.
    static let host = Set(alphanumerics + "-._:[]")

    /// Whether every byte may stand in a field value: no control byte but the tab (RFC 9110 § 5.5).
    static func areFieldValue(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var controls = 0
        // Without a branch, so that many bytes are looked at at once.
        for byte in bytes { controls &+= (byte < 0x20 && byte != 0x09) || byte == 0x7F ? 1 : 0 }
        return controls == 0
    }

    /// Whether every byte may stand in a target: visible ASCII.
    static func areTarget(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var others = 0
        for byte in bytes { others &+= byte > 0x20 && byte < 0x7F ? 0 : 1 }
        return others == 0
    }
}
