import AccessApplication
import AccessContract
import AccessDomain
import Shared

/// A reservation with the counters in which it is set aside.
struct StoredReservation: Sendable, Equatable {
    /// One counter's part, with what the limit was then.
    struct Hold: Sendable, Equatable {
        let id: CounterID
        let window: TimeWindow
        /// `Limit.unlimited` for none.
        let limit: Int
        let isSoft: Bool
        let policy: String

        func charge(_ counter: Counter, amount: Int) -> Charge {
            Charge(counter: counter, limit: limit, amount: amount, isSoft: isSoft)
        }
    }

    var reservation: Reservation
    let subject: SubjectKey
    let holds: [Hold]
}

/// A wish to end a reservation.
enum ReservationEnd: Sendable {
    case commit(Int)
    case release
    /// Nobody ended it in time.
    case expire

    init(_ settlement: Settlement) {
        switch settlement {
        case .commit(let used): self = .commit(used)
        case .release: self = .release
        }
    }
}

extension [ReservationID] {
    /// Ends each; one that cannot be ended does not keep the others from it.
    ///
    /// - Returns: how many were ended.
    /// - Throws: `Unavailable`: then the others will not fare better.
    func endEach(_ logger: Logger, _ end: (ReservationID) async throws -> Void) async throws -> Int {
        var ended = 0
        for id in self {
            do {
                try await end(id)
                ended += 1
            } catch let error as Unavailable {
                throw error
            } catch {
                logger.error("a reservation cannot be given back", ["reservation": .init(id), "cause": "\(error)"])
            }
        }
        return ended
    }
}

extension Reservation {
    /// What ending it comes to, before the counters are looked at.
    enum Ending: Sendable, Equatable {
        /// Give back what was set aside, count `used`, and it is in this state.
        case settle(used: Int, State)
        case answer(SettleOutcome)
    }

    func ending(_ end: ReservationEnd, at now: Timestamp) -> Ending {
        let step: Step
        let next: State
        switch end {
        case .commit(let used): (step, next) = (commit(used, at: now), .committed(used: max(0, used)))
        case .release: (step, next) = (release(at: now), .released)
        case .expire: (step, next) = (.expired, .expired)
        }
        switch step {
        case .settle(let used): return .settle(used: used, next)
        case .repeated: return .answer(.settled(self))
        case .conflict: return .answer(.conflict(self))
        case .expired: return isOverdue(at: now) ? .settle(used: 0, .expired) : .answer(.expired)
        }
    }

    /// The answer after the counters were settled.
    var settled: SettleOutcome { state == .expired ? .expired : .settled(self) }
}

extension Reservation {
    /// A new one, open.
    init(_ request: ReservationRequest, _ draw: Draw, at now: Timestamp) {
        self.init(
            id: request.id, key: request.key, caller: request.caller, subject: draw.holder, service: draw.service,
            amount: draw.cost, reservedAt: now, expiresAt: now + request.lifetime)
    }

    /// Whether `request` asks for this one again.
    func isRepeated(by request: ReservationRequest, _ draw: Draw) -> Bool {
        isRepeated(by: request.caller, subject: draw.holder, service: draw.service, amount: draw.cost)
    }
}
