import AccessContract
import AccessDomain
import Shared

/// Two phases for long work: an amount is set aside, and what was really used is counted at the end.
package protocol SettleQuota: Sendable {
    /// - Parameters:
    ///   - key: the service's own name for the work; the same one again is the same reservation.
    ///   - caller: the key by which the service asks; it alone settles it.
    func reserve(
        _ question: AccessQuestion, amount: Int, key: String, lifetime: Duration, caller: Identifier
    ) async throws -> ReserveAnswer
    func commit(_ id: ReservationID, used: Int, caller: Identifier) async throws -> SettleOutcome
    func release(_ id: ReservationID, caller: Identifier) async throws -> SettleOutcome
}

package enum ReserveAnswer: Sendable {
    case reserved(Reservation, AccessAnswer)
    case denied(AccessAnswer)
    case keyReused
}
