import AccountsContract
import AccountsDomain
import Shared

/// Secrets that are shared with authenticator apps, and their codes (RFC 6238: SHA-1, 6 digits, 30 s).
package protocol OneTimePasswords: Sendable {
    /// A new secret of 160 bits, for the app and for the factor's row.
    func makeSecret(for id: FactorID) throws -> (secret: Secret<[UInt8]>, sealed: [UInt8])
    /// The step of time of which a code is, among the current one and its neighbours: the latest, if it is of several.
    ///
    /// - Returns: nil if it is of none of them.
    func step(of code: Secret<String>, by factor: TOTPFactor, at now: Timestamp) throws -> Int64?
    /// What the app reads from the QR code, and people can type.
    func enrolment(_ secret: Secret<[UInt8]>, account: EmailAddress) throws -> TOTPEnrolment
}

/// How a secret gets into an authenticator app.
package struct TOTPEnrolment: Sendable {
    /// In base32.
    package let secret: Secret<String>
    /// An `otpauth` address.
    package let uri: Secret<String>
    /// The same as a picture.
    package let qrCode: Secret<String>

    package init(secret: Secret<String>, uri: Secret<String>, qrCode: Secret<String>) {
        self.secret = secret
        self.uri = uri
        self.qrCode = qrCode
    }
}
