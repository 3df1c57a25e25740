import AccessDomain
import Authorization
import HTTP

extension ProblemKind {
    static let missingCredential = ProblemKind(401, "missing_credential", "Sign in first")
    static let invalidCredential = ProblemKind(401, "invalid_credential", "The token or the key does not count")
    static let paymentDue = ProblemKind(402, "payment_due", "The plan is not paid")
    static let serviceUnknown = ProblemKind(403, "service_unknown", "There is no such service")
    static let notInPlan = ProblemKind(403, "not_in_plan", "The plan does not include the service")
    static let routeUnknown = ProblemKind(
        403, "route_unknown", "No route of the service covers this path and method")
    static let ambiguousRequest = ProblemKind(403, "ambiguous_request", "The request can be read in two ways")
    static let pathTooLong = ProblemKind(403, "path_too_long", "The path has more than 4096 bytes")
    static let rateLimited = ProblemKind(429, "rate_limited", "Too many requests in a short time")
}

extension DenialReason {
    var problemKind: ProblemKind {
        switch self {
        case .missingCredential: .missingCredential
        case .invalidCredential: .invalidCredential
        case .accountBlocked: .accountBlocked
        case .permissionDenied: .permissionDenied
        case .routeUnknown: .routeUnknown
        case .serviceUnknown: .serviceUnknown
        case .notInPlan: .notInPlan
        case .paymentDue: .paymentDue
        case .quotaExhausted: .quotaExhausted
        case .rateLimited: .rateLimited
        case .ambiguousRequest: .ambiguousRequest
        case .pathTooLong: .pathTooLong
        case .untrustedGateway: .untrustedGateway
        case .originNotAllowed: .originNotAllowed
        }
    }
}
