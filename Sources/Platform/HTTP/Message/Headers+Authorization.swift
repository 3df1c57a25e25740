extension Headers {
    /// What `Authorization` carries.
    package enum Authorization: Sendable, Equatable {
        case absent
        /// RFC 6750 § 2.1; the scheme's name is case-insensitive. Never empty.
        case bearer(String)
        /// Another scheme, or what cannot be read.
        case other
    }

    package var authorization: Authorization {
        guard let value = bytes(of: "authorization") else { return .absent }
        let space = UInt8(ascii: " ")
        let credential = value.drop { $0 == space || $0 == UInt8(ascii: "\t") }
        guard credential.count > 7, credential[credential.startIndex + 6] == space,
            zip(credential, "bearer".utf8).allSatisfy({ $0 | 0x20 == $1 })
        else { return .other }
        var token = credential.dropFirst(7).drop { $0 == space }
        while let last = token.last, last == space || last == UInt8(ascii: "\t") { token.removeLast() }
        guard !token.isEmpty, let text = String(validating: token, as: UTF8.self) else { return .other }
        return .bearer(text)
    }
}
