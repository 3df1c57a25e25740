import AccountsApplication
import AccountsContract
import AccountsDomain
import HTTP
import Shared

struct FactorAnswer: Output {
    let factor: TOTPFactor

    static let shape = Shape<FactorAnswer>("Factor") { shape in
        shape.member("id", .id) { $0.factor.id }
        shape.member("kind", .text) { _ in "totp" }
        shape.member("name", .text) { $0.factor.name }
        shape.member("created_at", .timestamp) { $0.factor.createdAt }
        shape.nullable("confirmed_at", .timestamp) { $0.factor.confirmedAt }
        shape.nullable("last_used_at", .timestamp) { $0.factor.lastUsedAt }
    }
}

struct FactorOverviewAnswer: Output {
    let overview: FactorOverview

    static let shape = Shape<FactorOverviewAnswer>("FactorOverview") { shape in
        shape.member("factors", .list(of: .object)) { $0.overview.factors.map { FactorAnswer(factor: $0) } }
        shape.member("second_step", .bool) { $0.overview.asksForPasskey }
        shape.member("recovery_codes_left", .integer) { Int64($0.overview.recoveryCodesLeft) }
    }
}

/// A factor that waits for its first code, with what the app needs, which is shown once.
struct NewFactorAnswer: Output {
    let factor: TOTPFactor
    let enrolment: TOTPEnrolment

    static let shape = Shape<NewFactorAnswer>("NewFactor") { shape in
        shape.member("id", .id) { $0.factor.id }
        shape.member("name", .text) { $0.factor.name }
        shape.member("secret", .text) { $0.enrolment.secret.reveal() }
        shape.member("otpauth_uri", .text) { $0.enrolment.uri.reveal() }
        shape.member("qr_svg", .text) { $0.enrolment.qrCode.reveal() }
        shape.member("expires_at", .timestamp) { $0.factor.createdAt + TOTPFactor.pendingLifetime }
    }
}

struct RecoveryCodesAnswer: Output {
    let codes: [Secret<String>]

    static let shape = Shape<RecoveryCodesAnswer>("RecoveryCodes") { shape in
        shape.member("recovery_codes", .list(of: .text)) { $0.codes.map(\.inFours) }
    }
}

struct ConfirmedFactorAnswer: Output {
    let factor: TOTPFactor
    let codes: [Secret<String>]

    static let shape = Shape<ConfirmedFactorAnswer>("ConfirmedFactor") { shape in
        shape.member("factor", .object) { FactorAnswer(factor: $0.factor) }
        shape.optional("recovery_codes", .list(of: .text)) { answer in
            answer.codes.isEmpty ? nil : answer.codes.map(\.inFours)
        }
    }
}

extension Secret<String> {
    /// As people read it: `ABCD-EFGH-JKMN-PQRS`.
    var inFours: String {
        let characters = Array(reveal())
        return stride(from: 0, to: characters.count, by: 4)
            .map { String(characters[$0..<Swift.min($0 + 4, characters.count)]) }.joined(separator: "-")
    }
}
