import AccessContract
import AccessDomain
import Shared

/// Counts requests against limits. Parallel requests never exceed a limit, and a refused one is not counted.
///
/// Windows use the meter's own clock.
package protocol Meter: Sendable {
    /// Draws from every counter of a request, or from none. A meter in memory does not suspend, unless a rule is
    /// strict.
    func take(_ draw: Draw) async throws -> DrawOutcome
    /// The same without waiting; nil, and nothing is counted, if something has to be read or written first.
    func recallTake(_ draw: Draw) -> DrawOutcome?
    /// Whether that ever answers.
    var canRecallTake: Bool { get }
    /// As `take`, for a request that has a name. A meter that several processes share keeps the name beside its counters
    /// for `GatewayRequest.lifetime`: the same caller's request of that name is counted once, whichever process is asked.
    func take(_ draw: Draw, named request: GatewayRequest) async throws -> DrawOutcome
    /// Whether it does; else whoever draws remembers names.
    var keepsNames: Bool { get }
    /// What `take` would answer now; nothing is counted.
    func peek(_ draw: Draw) async throws -> DrawOutcome

    /// Sets `draw.cost` aside; durable before it returns.
    ///
    /// - Returns: an earlier reservation of the same caller and key, if there is one, counts nothing.
    func reserve(_ draw: Draw, _ request: ReservationRequest) async throws -> ReserveOutcome
    /// Ends a reservation: `used` units of it count, the rest is given back; 0 releases it.
    ///
    /// - Parameter caller: who reserved; for anybody else there is no such reservation.
    func settle(_ id: ReservationID, used: Settlement, by caller: Identifier) async throws -> SettleOutcome

    /// What somebody has used in the windows that are open, over all services and of each.
    func usage(of subject: MeterSubject) async throws -> [MeteredUse]
    /// Forgets what somebody has used.
    func reset(_ subject: MeterSubject) async throws
    /// Adds what a device has used today to its owner's counters, once.
    func merge(_ merge: DeviceMerge) async throws
}

extension Meter {
    package func take(_ draw: Draw, named _: GatewayRequest) async throws -> DrawOutcome { try await take(draw) }
    package var keepsNames: Bool { false }
}

/// One request as the meter sees it.
package struct Draw: Sendable, Equatable {
    package enum Drawer: Sendable, Equatable {
        case known(MeterSubject)
        /// - `perPrefix`: `ANONYMOUS_PER_PREFIX`.
        case anonymous(AnonymousCaller, perPrefix: Int)
    }

    package let drawer: Drawer
    /// Who is held to the burst limit: the person, the key or the network.
    package let burstSubject: MeterSubject
    package let service: ServiceID
    /// Of the plan and the service; made once and kept.
    package let rules: [ChargeRule]
    /// 0 or more.
    package let cost: Int
    /// Of the entitlement that the rules follow from; 0 for none.
    package let version: Int64
    /// The entitlement was just read: a newer one that the counters know of is nowhere else.
    package let insists: Bool

    package init(
        drawer: Drawer, burstSubject: MeterSubject, service: ServiceID, rules: [ChargeRule], cost: Int,
        version: Int64 = 0, insists: Bool = false
    ) {
        self.drawer = drawer
        self.burstSubject = burstSubject
        self.service = service
        self.rules = rules
        self.cost = cost
        self.version = version
        self.insists = insists
    }
}

extension Draw {
    /// The same after its entitlement was read again.
    package var insisting: Draw {
        Draw(
            drawer: drawer, burstSubject: burstSubject, service: service, rules: rules, cost: cost, version: version,
            insists: true)
    }
}

package struct DrawOutcome: Sendable, Equatable {
    package let isAllowed: Bool
    /// Which limit to tell of; nil if nothing is limited.
    package let binding: BindingLimit?
    /// The burst limit refused.
    package let isBurst: Bool
    package let exceedsSoftLimit: Bool
    /// The counters were not reachable, and the last known values decided.
    package let isDegraded: Bool
    /// The request was counted before, under the same name.
    package let isRepetition: Bool
    /// The counters know of a newer entitlement than the draw follows from: nothing was decided.
    package let isOutdated: Bool
    /// What is to be told of the quota, once for each window.
    package let news: [News]

    package struct News: Sendable, Equatable {
        package let kind: QuotaNews
        package let limit: BindingLimit
        /// Whether the limit is over all services.
        package let isGlobal: Bool

        package init(kind: QuotaNews, limit: BindingLimit, isGlobal: Bool) {
            self.kind = kind
            self.limit = limit
            self.isGlobal = isGlobal
        }
    }

    package init(
        isAllowed: Bool, binding: BindingLimit?, isBurst: Bool = false, exceedsSoftLimit: Bool = false,
        isDegraded: Bool = false, isRepetition: Bool = false, isOutdated: Bool = false, news: [News] = []
    ) {
        self.isAllowed = isAllowed
        self.binding = binding
        self.isBurst = isBurst
        self.exceedsSoftLimit = exceedsSoftLimit
        self.isDegraded = isDegraded
        self.isRepetition = isRepetition
        self.isOutdated = isOutdated
        self.news = news
    }

    /// Nothing was decided: the entitlement is to be read again.
    package static let outdated = DrawOutcome(isAllowed: false, binding: nil, isOutdated: true)

    /// The same for a request that was counted before.
    package var repeated: DrawOutcome {
        DrawOutcome(
            isAllowed: isAllowed, binding: binding, isBurst: isBurst, exceedsSoftLimit: exceedsSoftLimit,
            isDegraded: isDegraded, isRepetition: true)
    }
}

/// A reservation that somebody wants.
package struct ReservationRequest: Sendable {
    package let id: ReservationID
    /// The caller's own name for it.
    package let key: String
    /// Who asks, and alone may settle it.
    package let caller: Identifier
    package let lifetime: Duration

    package init(id: ReservationID, key: String, caller: Identifier, lifetime: Duration) {
        self.id = id
        self.key = key
        self.caller = caller
        self.lifetime = lifetime
    }
}

package enum ReserveOutcome: Sendable, Equatable {
    case reserved(Reservation, DrawOutcome)
    /// There is no room.
    case refused(DrawOutcome)
    /// The key stands for another reservation.
    case keyReused
}

package enum Settlement: Sendable, Equatable {
    case commit(Int)
    case release
}

package enum SettleOutcome: Sendable, Equatable {
    /// Also for the same again.
    case settled(Reservation)
    /// It was settled in another way.
    case conflict(Reservation)
    case expired
    /// More is used than was reserved, and there is no room for it; nothing has changed.
    case noRoom(BindingLimit?)
    case unknown
}

/// What was used in one window.
package struct MeteredUse: Sendable, Equatable {
    /// Nil: over all services.
    package let service: ServiceID?
    package let unit: WindowUnit
    package let window: TimeWindow
    package let used: Int
    package let reserved: Int

    package init(service: ServiceID?, unit: WindowUnit, window: TimeWindow, used: Int, reserved: Int) {
        self.service = service
        self.unit = unit
        self.window = window
        self.used = used
        self.reserved = reserved
    }
}
