import AccessDomain
import Shared

/// What a door refuses before the gate is asked: a gateway that nobody knows, a request that can be read in two ways.
package protocol RefuseAtDoor: Sendable {
    /// Never waits; the refusal goes into the audit log in its own time.
    ///
    /// - Parameters:
    ///   - reason: `untrustedGateway`, `ambiguousRequest`, `pathTooLong` or `originNotAllowed`.
    ///   - service: as the door was asked for it.
    ///   - address: of who asks.
    func callAsFunction(_ reason: DenialReason, service: String, address: NetworkAddress) -> AccessAnswer
}
