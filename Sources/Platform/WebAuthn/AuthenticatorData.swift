/// What an authenticator says and signs (WebAuthn 3 § 6.1).
struct AuthenticatorData {
    struct Flags: OptionSet {
        let rawValue: UInt8

        static let userPresent = Flags(rawValue: 1 << 0)
        static let userVerified = Flags(rawValue: 1 << 2)
        static let backupEligible = Flags(rawValue: 1 << 3)
        static let backedUp = Flags(rawValue: 1 << 4)
        static let attestedCredential = Flags(rawValue: 1 << 6)
        static let extensions = Flags(rawValue: 1 << 7)
    }

    /// A new credential.
    struct Credential {
        let aaguid: [UInt8]
        let id: [UInt8]
        /// The COSE key as it stood.
        let keyBytes: [UInt8]
        let key: CBORMap
    }

    private static let idByteCounts = 16...1_023
    private static let fixedByteCount = 37

    let rpIDHash: [UInt8]
    let flags: Flags
    let signCount: UInt32
    let credential: Credential?

    /// - Throws: also if something is left over.
    init(_ bytes: [UInt8]) throws(WebAuthnFault) {
        guard bytes.count >= Self.fixedByteCount else { throw .authenticatorData }
        rpIDHash = Array(bytes[..<32])
        flags = Flags(rawValue: bytes[32])
        signCount = bytes[33..<37].reduce(0) { $0 << 8 | UInt32($1) }
        var rest = bytes[Self.fixedByteCount...]
        credential = flags.contains(.attestedCredential) ? try Self.credential(&rest) : nil
        if flags.contains(.extensions) { _ = try Self.map(&rest) }
        guard rest.isEmpty else { throw .authenticatorData }
    }

    private static func credential(_ rest: inout ArraySlice<UInt8>) throws(WebAuthnFault) -> Credential {
        guard rest.count >= 18 else { throw .authenticatorData }
        let aaguid = Array(rest.prefix(16))
        let lengthAt = rest.startIndex + 16
        let length = Int(rest[lengthAt]) << 8 | Int(rest[lengthAt + 1])
        guard idByteCounts.contains(length) else { throw .credentialIDLength }
        rest = rest.dropFirst(18)
        guard rest.count >= length else { throw .authenticatorData }
        let id = Array(rest.prefix(length))
        rest = rest.dropFirst(length)
        let (key, keyBytes) = try map(&rest)
        return Credential(aaguid: aaguid, id: id, keyBytes: keyBytes, key: key)
    }

    private static func map(_ rest: inout ArraySlice<UInt8>) throws(WebAuthnFault) -> (CBORMap, [UInt8]) {
        var reader = CBORReader(rest)
        guard let map = (try? reader.next())?.map else { throw .authenticatorData }
        let bytes = Array(rest[..<reader.position])
        rest = rest[reader.position...]
        return (map, bytes)
    }
}
