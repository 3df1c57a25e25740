/// Tells the forms of a request target apart (RFC 9112 § 3.2).
enum TargetForm {
    private static let schemes: [StaticString] = ["http://", "https://"]

    /// What stands between the scheme and the path, of a target in the absolute form; nil for one of another form.
    static func authority(of target: UnsafeBufferPointer<UInt8>) -> Slice<UnsafeBufferPointer<UInt8>>? {
        guard let scheme = schemes.first(where: { begins(target, with: $0) }) else { return nil }
        let rest = target[scheme.utf8CodeUnitCount...]
        return rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
    }

    /// Without regard to case.
    private static func begins(_ target: UnsafeBufferPointer<UInt8>, with scheme: StaticString) -> Bool {
        guard target.count >= scheme.utf8CodeUnitCount else { return false }
        for index in 0..<scheme.utf8CodeUnitCount {
            let byte = target[index]
            let folded = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
            if folded != scheme.utf8Start[index] { return false }
        }
        return true
    }
}
