import AccessDomain
import HTTP
import Shared

extension ProblemKind {
    static let untrustedGateway = ProblemKind(
        403, "untrusted_gateway", "Who asks may not ask about this service")
    static let reservationKeyReused = ProblemKind(
        409, "reservation_key_reused", "The key belongs to another reservation")
    static let reservationSettled = ProblemKind(409, "reservation_settled", "The reservation was ended in another way")
    static let reservationExpired = ProblemKind(409, "reservation_expired", "The reservation has expired")
    static let quotaExhausted = ProblemKind(429, "quota_exhausted", "The limit is reached")
}

extension Problem {
    /// More was used than was reserved, and there is no room for it.
    static func quotaExhausted(_ limit: BindingLimit?, at now: Timestamp) -> Problem {
        guard let limit else { return Problem(.quotaExhausted) }
        let fields = RateLimitFields(limit, at: now)
        return Problem(
            .quotaExhausted, "There is no room for more than was reserved",
            headers: [
                ("Retry-After", String(max(1, limit.window.secondsLeft(at: now)))),
                ("RateLimit-Policy", fields.policy), ("RateLimit", fields.limit),
            ])
    }
}
