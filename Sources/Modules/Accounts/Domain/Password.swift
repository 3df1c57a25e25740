import AccountsContract
import Shared

/// A password somebody wants to set. Its text is in Unicode normal form C, made by the adapter that took it.
package struct Password: Sendable {
    /// In Unicode scalars.
    package static let lengths: ClosedRange<Int> = 8...256
    package static let bytesMax = 1_024

    package typealias Weakness = PasswordWeakness

    package let text: Secret<String>

    /// - Parameter isCommon: whether a text in lower case is among the passwords that attackers try first.
    /// - Throws: the first reason why it may not be set. Nothing is trimmed and no composition is asked for.
    package init(
        normalized text: String, for address: EmailAddress?, isCommon: (_ lowercased: String) -> Bool
    ) throws(Weakness) {
        guard text.unicodeScalars.count >= Self.lengths.lowerBound else { throw .tooShort }
        guard text.unicodeScalars.count <= Self.lengths.upperBound, text.utf8.count <= Self.bytesMax else {
            throw .tooLong
        }
        let lowercased = text.lowercased()
        if let address, lowercased == address.key { throw .sameAsAddress }
        if isCommon(lowercased) { throw .common }
        self.text = Secret(text)
    }

    /// What the address at hand has against it, where it is known only later.
    package func weakness(for address: EmailAddress) -> Weakness? {
        text.reveal().lowercased() == address.key ? .sameAsAddress : nil
    }
}
