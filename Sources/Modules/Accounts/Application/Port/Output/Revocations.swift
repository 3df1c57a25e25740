import AccountsContract
import AccountsDomain
import Shared

/// Where revocations are written, in the transaction of their cause.
package protocol RevocationRepository {
    func add(_ revocation: Revocation) throws
}

/// What this process knows about revocations, in memory.
package protocol RevocationView: Sendable {
    func verdict(on session: SessionID, at now: Timestamp) -> RevocationVerdict
}

package enum RevocationVerdict: Sendable, Equatable {
    case good
    case revoked
    /// This process has not heard of revocations for too long; the store must be asked.
    case unknown
}

/// What to do when neither memory nor store can tell (`REVOCATION_CUT_OFF`).
package enum RevocationCutOff: String, Sendable, CaseIterable {
    /// Refuse: 503 until the store is back.
    case refuse
    /// Trust signatures until they expire.
    case accept
}
