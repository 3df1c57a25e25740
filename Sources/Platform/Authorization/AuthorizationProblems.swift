import HTTP
import Shared

extension ProblemKind {
    package static let permissionDenied = ProblemKind(
        403, "permission_denied", "The caller does not have the permission")
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

    /// 403 for a caller without the permission.
    package static func needs(_ permission: DeclaredPermission) -> Problem {
        Problem(.permissionDenied, "This needs the permission \(permission)")
    }
}
