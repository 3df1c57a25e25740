import AccessDomain
import Authorization
import HTTP
import Shared

extension ProblemKind {
    static let emailTaken = ProblemKind(409, "email_taken", "The address belongs to an account")
    static let lastAdministrator = ProblemKind(409, "last_admin", "The last administrator stays")
    static let builtInRole = ProblemKind(409, "built_in_role", "A built-in role stays as it is")
    static let roleInUse = ProblemKind(409, "role_in_use", "Somebody has this role")
    static let roleNameTaken = ProblemKind(409, "role_name_taken", "Another role has this name")
    static let slugTaken = ProblemKind(409, "slug_taken", "Another service has this slug")
    static let audienceTaken = ProblemKind(
        409, "audience_taken", "Another service has this audience, or it is APP_URL")
    static let tooManyAPIKeys = ProblemKind(409, "too_many_api_keys", "The owner has as many open keys as allowed")
    static let apiKeyEnded = ProblemKind(409, "api_key_ended", "The key was revoked or has expired")
}

extension Problem {
    static func validation(_ invalid: InvalidFields) -> Problem {
        .validation(invalid.problems.map { FieldError($0.field, $0.message) })
    }
}

extension RoleRefusal {
    var problem: Problem {
        switch self {
        case .permissionDenied: Problem(.permissionDenied, "This touches permissions that the caller does not have")
        case .builtIn: Problem(.builtInRole)
        case .inUse: Problem(.roleInUse)
        case .lastAdmin, .lastOwner: Problem(.lastAdministrator)
        }
    }
}
