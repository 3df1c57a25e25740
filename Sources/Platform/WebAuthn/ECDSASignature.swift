/// A signature of ECDSA on P-256 as authenticators write it: `SEQUENCE { INTEGER r, INTEGER s }` in DER (X.690), of
/// which one signature has exactly one form.
enum ECDSASignature {
    private static let scalarByteCount = 32

    /// - Returns: r and s, 32 bytes each; nil for every other form.
    static func raw(der: [UInt8]) -> [UInt8]? {
        // Two numbers of at most 33 bytes: every length is one byte.
        guard der.count >= 2, der[0] == 0x30, der[1] < 0x80, Int(der[1]) == der.count - 2 else { return nil }
        var rest = der[2...]
        guard let r = integer(&rest), let s = integer(&rest), rest.isEmpty else { return nil }
        return r + s
    }

    private static func integer(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard rest.count >= 2, rest.popFirst() == 0x02, let length = rest.popFirst(), length > 0, length < 0x80,
            rest.count >= Int(length)
        else { return nil }
        var value = rest.prefix(Int(length))
        rest = rest.dropFirst(Int(length))
        // Positive, and no zero in front that its sign does not need.
        guard let first = value.first, first < 0x80 else { return nil }
        if first == 0 {
            value = value.dropFirst()
            guard let second = value.first, second >= 0x80 else { return nil }
        }
        guard value.count <= scalarByteCount else { return nil }
        return [UInt8](repeating: 0, count: scalarByteCount - value.count) + value
    }
}
