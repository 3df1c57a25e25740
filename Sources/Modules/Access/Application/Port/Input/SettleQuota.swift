import AccessContract
import AccessDomain
import Shared

package enum ReserveAnswer: Sendable {
    case reserved(Reservation, AccessAnswer)
    case denied(AccessAnswer)
    case keyReused
}
