import AccountsDomain
import HTTP
import JSON
import Shared

struct NewFactorBody: Input {
    let name: String

    init(_ fields: inout Fields) {
        name = fields.required("name", .name(TOTPFactor.nameLengths))
    }
}

struct FactorCodeBody: Input {
    let proof: SecondFactorProof

    init(_ fields: inout Fields) {
        proof = fields.required("code", .totpCode)
    }
}

/// A code of a second factor.
struct SecondFactorBody: Input {
    let proof: SecondFactorProof?

    init(_ fields: inout Fields) {
        proof = fields.secondFactor()
    }
}

struct SecondStepBody: LenientInput {
    /// Nil for a browser, which has it as a cookie.
    let token: Secret<String>?
    let proof: SecondFactorProof?

    init(_ fields: inout Fields) {
        token = fields.optional("mfa_token", .opaque(max: 200)).map { Secret($0) }
        proof = fields.secondFactor()
    }
}

extension Fields {
    /// - Returns: nil if the code cannot be one of this method.
    fileprivate mutating func secondFactor() -> SecondFactorProof? {
        let method = required("method", .secondFactorMethod)
        return SecondFactorProof(method, text: required("code", .opaque(max: 64)))
    }
}

extension Problem {
    /// For a text that is no guess.
    static var notASecondFactorCode: Problem {
        .validation([
            FieldError("code", "must be the six digits of the app, or the sixteen characters of a recovery code")
        ])
    }
}

extension FieldType where Value == SecondFactorMethod {
    fileprivate static var secondFactorMethod: FieldType {
        let names = [SecondFactorMethod.totp, .recoveryCode]
        return FieldType(
            schema: ["type": "string", "enum": .array(names.map { .string($0.rawValue) })], placeholder: .totp
        ) { value in
            guard let method = value.text.flatMap({ SecondFactorMethod(rawValue: $0) }), names.contains(method) else {
                return .failure("must be totp or recovery_code")
            }
            return .success(method)
        }
    }
}

extension FieldType where Value == SecondFactorProof {
    /// The six digits of an app; spaces and hyphens among them are passed over.
    fileprivate static var totpCode: FieldType {
        let schema: @Sendable () -> JSONObject = {
            ["type": "string", "maxLength": 32, "pattern": "^[ -]*([0-9][ -]*){6}$", "examples": ["388123"]]
        }
        return FieldType(schema: schema(), placeholder: .totp(Secret(""))) { value in
            guard let text = value.text, text.unicodeScalars.count <= 32,
                let proof = SecondFactorProof(.totp, text: text)
            else { return .failure("must be the six digits of the app") }
            return .success(proof)
        }
    }
}
