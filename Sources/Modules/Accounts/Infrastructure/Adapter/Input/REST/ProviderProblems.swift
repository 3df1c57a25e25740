import AccountsApplication
import AccountsDomain
import HTTP
import Pages
import Shared

extension ProblemKind {
    static let invalidState = ProblemKind(
        400, "invalid_state", "This sign-in was not begun in this browser, or too long ago; start again")
    static let invalidReturnTo = ProblemKind.returnTargetRefused
    static let registrationClosed = ProblemKind(
        403, "registration_closed", "New accounts are made by an administrator only")
    static let providerNotAllowed = ProblemKind(
        403, "provider_not_allowed", "This organization's accounts may not sign in here")
    static let providerUnknown = ProblemKind(404, "provider_unknown", "Nobody signs in with this company here")
    static let accountExists = ProblemKind(
        409, "account_exists",
        "The address belongs to an account. Sign in as usual, then link the two in your account")
    static let emailRequired = ProblemKind(
        409, "email_required", "The company gave no address that counts here; prove one by a mailed code")
    static let identityTaken = ProblemKind(
        409, "identity_taken", "It is linked to another account. Remove it there first")
    static let lastSignInMethod = ProblemKind(
        409, "last_sign_in_method", "Nothing else signs you in. Set a password first")
    static let providerUnavailable = ProblemKind(
        502, "provider_unavailable", "The company's sign-in does not answer; try again in a moment")
    static let providerRejected = ProblemKind(
        502, "provider_rejected", "The company's answer failed a check; nothing was changed")
}

extension ProviderFault {
    /// Nil for `denied`, which is no failure.
    var problem: Problem? {
        switch self {
        case .denied: nil
        case .unavailable(let delay): .providerUnavailable(retryAfter: delay ?? .seconds(5))
        case .rejected: Problem(.providerRejected)
        case .notAllowed: Problem(.providerNotAllowed)
        case .misconfigured: Problem(.providerUnavailable)
        }
    }

    /// For the log: what the caller is not told.
    private var reason: String {
        switch self {
        case .denied: "denied"
        case .unavailable: "unavailable"
        case .rejected(let reason): reason
        case .notAllowed: "not allowed"
        case .misconfigured(let text): text
        }
    }

    func log(_ provider: ProviderName, _ request: Request, _ logger: Logger) {
        logger.warning(
            "sign-in with a provider failed",
            [
                "provider": .text(provider.text), "reason": .text(String(reason.prefix(500))),
                "request_id": .text(request.id),
            ])
    }
}

extension Problem {
    static func providerUnavailable(retryAfter delay: Duration) -> Problem {
        Problem(.providerUnavailable, headers: [("Retry-After", String(max(1, delay.secondsRoundedUp)))])
    }

    func setting(_ cookies: [Cookie]) -> Problem {
        var copy = self
        copy.headers += cookies.map { ("Set-Cookie", $0.header) }
        return copy
    }
}
