import AccessDomain
import Shared

/// Forgets what somebody has used, in every process within a second.
package protocol ResetQuota: Sendable {
    /// - Parameter subject: a user's id or e-mail address, or a network address for who is not signed in.
    func callAsFunction(_ subject: String) async throws -> ResetQuotaOutcome
}

package enum ResetQuotaOutcome: Sendable, Equatable {
    /// Whose counts were forgotten: of a network address, those of the wider networks around it too.
    case reset([MeterSubject])
    /// Neither a user nor an address.
    case unknown
}
