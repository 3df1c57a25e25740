import AccessContract
import Shared

/// An amount that is set aside while a long work runs: at its end it is committed with what was really used, or
/// released. Without either it expires, and everything is given back in the window in which it was taken.
package struct Reservation: Sendable, Equatable {
    package enum State: Sendable, Equatable {
        case open
        case committed(used: Int)
        case released
        case expired
    }

    package static let amounts: ClosedRange<Int> = 1...1_000_000_000
    /// In seconds.
    package static let lifetimes: ClosedRange<Int> = 1...86_400
    package static let defaultLifetime: Duration = .seconds(900)

    package let id: ReservationID
    /// The caller's own name for it: the same one again is the same reservation.
    package let key: String
    /// Who asked: nobody else settles it. An API key's or a user's identifier.
    package let caller: Identifier
    /// From whose quota.
    package let subject: MeterSubject
    package let service: ServiceID
    package let amount: Int
    /// The counters are those of the windows of this moment.
    package let reservedAt: Timestamp
    package let expiresAt: Timestamp
    package var state: State

    package init(
        id: ReservationID, key: String, caller: Identifier, subject: MeterSubject, service: ServiceID, amount: Int,
        reservedAt: Timestamp, expiresAt: Timestamp, state: State = .open
    ) {
        self.id = id
        self.key = key
        self.caller = caller
        self.subject = subject
        self.service = service
        self.amount = amount
        self.reservedAt = reservedAt
        self.expiresAt = expiresAt
        self.state = state
    }

    /// Whether a call with this key asks for the same again; else the key was used for something else.
    package func isRepeated(by caller: Identifier, subject: MeterSubject, service: ServiceID, amount: Int) -> Bool {
        self.caller == caller && self.subject == subject && self.service == service && self.amount == amount
    }

    /// What to do about a wish to end it.
    package enum Step: Sendable, Equatable {
        /// Change the counters: `Charges.settle(_:used:)`; then `settle`.
        case settle(used: Int)
        /// It was ended in this way before: the same answer again.
        case repeated
        /// It was ended in another way.
        case conflict
        case expired
    }

    package func commit(_ used: Int, at now: Timestamp) -> Step {
        switch state {
        case .open: expiresAt > now ? .settle(used: max(0, used)) : .expired
        case .committed(used): .repeated
        case .committed, .released: .conflict
        case .expired: .expired
        }
    }

    package func release(at now: Timestamp) -> Step {
        switch state {
        case .open: expiresAt > now ? .settle(used: 0) : .expired
        case .released: .repeated
        case .committed: .conflict
        case .expired: .expired
        }
    }

    /// Whether its amount is to be given back now, because nobody ended it.
    package func isOverdue(at now: Timestamp) -> Bool { state == .open && expiresAt <= now }
}
