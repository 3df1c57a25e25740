import Shared

/// What somebody gives for the second step: a code that can be right or wrong.
package enum SecondFactorProof: Sendable {
    /// Six digits of an authenticator app.
    case totp(Secret<String>)
    /// Sixteen characters of Crockford's alphabet, in capitals.
    case recoveryCode(Secret<String>)

    /// As people type or paste it: spaces and hyphens are passed over, and in a recovery code letters that were misread
    /// are taken for the digits. Other digits than those of ASCII are none.
    ///
    /// - Returns: nil if it cannot be a code of this kind, so that it is no guess.
    package init?(_ method: SecondFactorMethod, text: String) {
        let characters = text.unicodeScalars.filter { $0 != " " && $0 != "-" }
        switch method {
        case .totp:
            guard characters.count == 6, characters.allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
            self = .totp(Secret(String(String.UnicodeScalarView(characters))))
        case .recoveryCode:
            guard characters.count == Self.recoveryCodeLength else { return nil }
            var code = ""
            for scalar in characters {
                guard scalar.isASCII, let read = Self.crockford(scalar) else { return nil }
                code.unicodeScalars.append(read)
            }
            self = .recoveryCode(Secret(code))
        case .passkey:
            return nil
        }
    }

    package static let recoveryCodeLength = 16

    private static func crockford(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        let capital = scalar.properties.uppercaseMapping.unicodeScalars.first ?? scalar
        switch capital {
        case "O": return "0"
        case "I", "L": return "1"
        case "U": return nil
        case "0"..."9", "A"..."Z": return capital
        default: return nil
        }
    }

    package var method: SecondFactorMethod {
        switch self {
        case .totp: .totp
        case .recoveryCode: .recoveryCode
        }
    }

    /// As `amr` has it.
    package var authenticationMethod: AuthenticationMethod {
        switch self {
        case .totp: .oneTimePassword
        case .recoveryCode: .recoveryCode
        }
    }
}
