import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import Synchronization

/// Codes that say their step and whose they are.
package struct OneTimePasswordsDouble: OneTimePasswords {
    package init() {}

    package func makeSecret(for id: FactorID) throws -> (secret: Secret<[UInt8]>, sealed: [UInt8]) {
        let secret = Array(DoubleDigest.bytes("secret \(id)").prefix(20))
        return (Secret(secret), secret.map { $0 ^ 0xFF })
    }

    /// Six digits for a step of one factor.
    package static func code(_ step: Int64, of factor: TOTPFactor) -> String {
        let number = DoubleDigest.number("\(factor.sealedSecret) \(step)", seed: 7) % 1_000_000
        let digits = String(number)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    package func step(of code: Secret<String>, by factor: TOTPFactor, at now: Timestamp) throws -> Int64? {
        TOTPFactor.steps(at: now).last { Self.code($0, of: factor) == code.reveal() }
    }

    package func enrolment(_ secret: Secret<[UInt8]>, account: EmailAddress) throws -> TOTPEnrolment {
        let text = Hex.encode(secret.reveal())
        return TOTPEnrolment(
            secret: Secret(text), uri: Secret("otpauth://totp/\(account.text)?secret=\(text)"), qrCode: Secret("<svg/>")
        )
    }
}

/// Codes in order, and their own text as the hash.
package final class RecoveryCodesDouble: RecoveryCodes {
    private let count = Mutex(0)

    package init() {}

    package func make() -> Secret<String> {
        let number = count.withLock { count in
            count += 1
            return count
        }
        let digits = String(number)
        return Secret("C0DE" + String(repeating: "0", count: 12 - digits.count) + digits)
    }

    package func hashes(of code: Secret<String>, of userID: UserID) -> [[UInt8]] {
        [DoubleDigest.bytes("\(userID) \(code.reveal())")]
    }
}
