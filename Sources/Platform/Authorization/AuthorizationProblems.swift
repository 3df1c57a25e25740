import HTTP
import Shared

extension ProblemKind {
    package static let permissionDenied = ProblemKind(
        403, "permission_denied", "The caller does not have the permission")
    package static let stepUpRequired = ProblemKind(
        401, "step_up_required", "Prove once more who you are: POST /step-up")
    package static let mfaEnrolmentRequired = ProblemKind(
        403, "mfa_enrolment_required", "Administration takes a second factor: set one up first")
    package static let accountBlocked = ProblemKind(403, "account_blocked", "The account is blocked")
}

extension Problem {
    /// 401 for nobody signed in (RFC 6750 § 3: a request without a credential gets no error code).
    package static var noCredential: Problem {
        Problem(.unauthenticated, headers: [("WWW-Authenticate", #"Bearer realm="gapura""#)])
    }

    /// 401 for a token or a key that does not count, or whose account is gone (RFC 6750 § 3.1).
    package static var invalidCredential: Problem {
        Problem(
            .unauthenticated, headers: [("WWW-Authenticate", #"Bearer realm="gapura", error="invalid_token""#)])
    }

    /// 401 for a session whose person has to prove once more who they are (RFC 9470 § 3).
    ///
    /// - Parameters:
    ///   - needsSecondFactor: whether it takes one.
    ///   - maxAge: how old a proof may be.
    package static func stepUp(needsSecondFactor: Bool, maxAge: Duration) -> Problem {
        let level = needsSecondFactor ? "aal2" : "aal1"
        let challenge =
            #"Bearer error="insufficient_user_authentication", acr_values="\#(level)", "#
            + "max_age=\(maxAge.components.seconds)"
        return Problem(
            .stepUpRequired, needsSecondFactor ? "This takes the account's second factor" : nil,
            headers: [("WWW-Authenticate", challenge)])
    }

    /// 403 for a caller without the permission.
    package static func needs(_ permission: DeclaredPermission) -> Problem {
        Problem(.permissionDenied, "This needs the permission \(permission)")
    }
}
