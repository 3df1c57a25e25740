import AccessDomain
import Shared

package enum ResetQuotaOutcome: Sendable, Equatable {
    /// Whose counts were forgotten: of a network address, those of the wider networks around it too.
    case reset([MeterSubject])
    /// Neither a user nor an address.
    case unknown
}
