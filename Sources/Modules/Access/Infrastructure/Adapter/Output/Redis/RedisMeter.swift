import AccessApplication
import AccessContract
import AccessDomain
import Crypto
import Lifecycle
import Redis
import SQL
import Shared
import Synchronization

/// Counts in Redis, for any number of processes: a draw is one round trip, and the script there decides and counts.
/// Windows have the server's clock.
///
/// Every call says what this process saw last, so that a server which was emptied, or fell back behind what it had
/// answered, gives nothing back. Within a second it is also written to the database, from where a new process learns it.
/// While Redis is away, what is known decides, the answer says so, and what was counted is brought back, once. Strict
/// limits are counted in the database, as without Redis.
package final class RedisMeter: Meter {
    /// How long a decision waits for Redis, unless its URL says something else.
    package static let patience: Duration = .milliseconds(50)
    /// How long a counter that Redis lost only takes what processes saw last.
    static let healing: Duration = .milliseconds(100)

    let client: RedisClient
    /// Counts by strict rules, and keeps the rows of reservations.
    let sql: SQLMeter
    let names: QuotaKeys
    let logger: Logger
    let memory: Mutex<KnownCounters>
    let wakeup = Wakeup()
    let loads = KeyedLock<SubjectKey>()
    let returns = KeyedLock<QuotaGroup>()
    /// Of which one draw is under way alone.
    private let firsts = KeyedLock<QuotaGroup>()
    /// The services that there are.
    let registered: @Sendable () async throws -> [ServiceID]
    /// Tells other processes that Redis has lost something.
    private let signals: (any ProcessSignals)?
    private static let loss = "quota"
    /// How long a decision waits for Redis.
    private let timeout: Duration
    private let healing: Duration
    /// Whether windows have the clock that it is given, and not the server's: for the time machine and for tests.
    private let hasOwnClock: Bool
    private let node: [UInt8]
    private let scripts = DrawScripts()
    private let plans: QuotaPlans
    /// So far is the server's clock ahead of this machine's, in milliseconds.
    private let ahead = Atomic<Int64>(0)
    private let refusals = FailureLog()
    private let degraded = Atomic(0)
    /// How many decisions were made without Redis.
    var degradedCount: Int { degraded.load(ordering: .relaxed) }

    var keys: SubjectKeys { sql.keys }
    var clock: any WallClock { sql.clock }
    var database: any Database { sql.database }

    /// - Parameters:
    ///   - subjectsMax: of so many people, tenants, devices and networks the counts are remembered, and up to twice as
    ///     many; others are read from the database when they come again.
    ///   - timeout: how long a decision waits for Redis.
    ///   - signals: of the other processes.
    package convenience init(
        _ client: RedisClient, database: any Database, masterKey: MasterKey, clock: any WallClock,
        random: any RandomSource, logger: Logger, subjectsMax: Int = 50_000, timeout: Duration,
        signals: (any ProcessSignals)?
    ) {
        self.init(
            client, sql: SQLMeter(database: database, masterKey: masterKey, clock: clock, logger: logger),
            names: QuotaKeys(masterKey), node: random.bytes(8), subjectsMax: subjectsMax, timeout: timeout,
            signals: signals, hasOwnClock: false
        ) {
            try await database.read { transaction in
                try transaction.query("SELECT id FROM services") { try $0.id(0) }
            }
        }
    }

    init(
        _ client: RedisClient, sql: SQLMeter, names: QuotaKeys, node: [UInt8], subjectsMax: Int = 50_000,
        timeout: Duration, signals: (any ProcessSignals)? = nil, healing: Duration = healing, hasOwnClock: Bool,
        registered: @escaping @Sendable () async throws -> [ServiceID]
    ) {
        self.client = client
        self.sql = sql
        self.names = names
        plans = QuotaPlans(sql.keys, names)
        self.node = node
        self.timeout = timeout
        self.signals = signals
        self.healing = healing
        self.hasOwnClock = hasOwnClock
        self.registered = registered
        logger = sql.logger
        memory = Mutex(KnownCounters(subjectsMax: subjectsMax))
        client.observe { [wakeup] status in
            if status.isConnected { wakeup.signal() }
        }
        // What it saw last is in the database before the others count again.
        signals?.listen(to: Self.loss) { [wakeup] in wakeup.signal() }
    }

    package var canRecallTake: Bool { false }
    package func recallTake(_: Draw) -> DrawOutcome? { nil }
    package var keepsNames: Bool { true }

    package func take(_ draw: Draw) async throws -> DrawOutcome {
        guard draw.isStrict else { return try await takeFast(draw, named: nil) }
        let parts = draw.byDurability
        let first = try await sql.take(parts.strict)
        guard first.isAllowed else { return first }
        let second: DrawOutcome
        do {
            second = try await takeFast(parts.fast, named: nil)
        } catch {
            try? await sql.giveBack(parts.strict)
            throw error
        }
        if second.isAllowed { return first.joined(second) }
        try await sql.giveBack(parts.strict)
        return second
    }

    package func take(_ draw: Draw, named request: GatewayRequest) async throws -> DrawOutcome {
        guard draw.isStrict else { return try await takeFast(draw, named: request) }
        let parts = draw.byDurability
        let first = try await sql.take(parts.strict, named: request)
        guard first.isAllowed else { return first }
        let second: DrawOutcome
        do {
            second = try await takeFast(parts.fast, named: request)
        } catch {
            if !first.isRepetition { try? await giveBackStrict(request) }
            throw error
        }
        if second.isAllowed {
            let joined = first.joined(second)
            return first.isRepetition ? joined.repeated : joined
        }
        if !first.isRepetition { try await giveBackStrict(request) }
        return second
    }

    private func giveBackStrict(_ request: GatewayRequest) async throws {
        _ = try await sql.giveBack(request.requestID, of: request.service, preferring: request.gateway)
    }

    package func peek(_ draw: Draw) async throws -> DrawOutcome {
        let parts = draw.byDurability
        let second = try await lookFast(parts.fast)
        guard draw.isStrict else { return second }
        let first = try await sql.peek(parts.strict)
        return first.isAllowed ? second.isAllowed ? first.joined(second) : second : first
    }

    func call(_ draw: Draw) -> QuotaDraw { QuotaDraw(draw, plans.plan(of: draw)) }

    private func takeFast(_ draw: Draw, named request: GatewayRequest?) async throws -> DrawOutcome {
        let call = call(draw)
        let isKnown = await load(call)
        do {
            try await bringBack(call.group)
            for _ in 0..<4 {
                switch try await askInTurn(call, .take, named: request.map { Self.Named(self, $0, call) }) {
                case .decided(let outcome, let charges, _, _): return call.outcome(outcome, charges)
                case .repeated(let charges, _, _): return call.repetition(charges)
                case .outdated: return .outdated
                case .overtaken, .healing: continue
                }
            }
            throw Unavailable("quota", reason: "too many draws of one subject at once")
        } catch let loss as Loss {
            guard isKnown else { throw Unavailable("quota", reason: "neither Redis nor the database answers") }
            return alone(call, number: loss.number)
        }
    }

    /// Counts nothing.
    func lookFast(_ draw: Draw) async throws -> DrawOutcome {
        let call = call(draw)
        let isKnown = await load(call)
        do {
            try await bringBack(call.group)
            switch try await ask(call, .peek, named: nil) {
            case .decided(let outcome, let charges, _, _): return call.outcome(outcome, charges, tellsNews: false)
            case .repeated(let charges, _, _): return call.repetition(charges)
            case .outdated: return .outdated
            case .overtaken, .healing: throw Unavailable("quota", reason: "a question was overtaken")
            }
        } catch is Loss {
            guard isKnown else { throw Unavailable("quota", reason: "neither Redis nor the database answers") }
            let now = moment().now
            return memory.withLock { $0.look(call, at: now) }
        }
    }

    private func alone(_ call: QuotaDraw, number: UInt64?) -> DrawOutcome {
        let now = moment().now
        degraded.add(1, ordering: .relaxed)
        return memory.withLock { $0.decide(call, number: number, at: now) }
    }

    // MARK: Redis

    /// Redis did not answer.
    struct Loss: Error {
        /// Of what nobody knows whether it was done; nil if it was not.
        let number: UInt64?
    }

    /// What a draw leaves beside its counters, and where.
    struct Named {
        let key: String
        let holds: [UInt8]
        /// Sent along with it.
        var along: [RedisCommand] = []
    }

    /// Asks, and lets Redis hear first what is known of counters that it has lost.
    ///
    /// Draws travel together, with what was known when they were sent. So of a group of which Redis was not heard yet
    /// over this connection one draw goes alone: if the counters were lost, it is the only one that does not show it.
    ///
    /// - Throws: as `ask`.
    func askInTurn(_ call: QuotaDraw, _ mode: QuotaDraw.Mode, named: Named?) async throws -> QuotaAnswer {
        while true {
            let connection = client.connectionCount
            if memory.withLock({ $0.isCurrent(call, over: connection) }) {
                let answer = try await ask(call, mode, named: named)
                guard case .healing = answer else { return answer }
                // At once: the counter may have healed before this process asks again.
                signals?.announce(Self.loss)
                memory.withLock { $0.outdate(call) }
                continue
            }
            guard let ahead = firsts.enter(call.group) else {
                defer { firsts.leave(call.group) }
                return try await askFirst(call, mode, named: named)
            }
            await ahead.wait()
            if Task.isCancelled { throw Loss(number: nil) }
        }
    }

    private func askFirst(_ call: QuotaDraw, _ mode: QuotaDraw.Mode, named: Named?) async throws -> QuotaAnswer {
        if memory.withLock({ $0.hasHeard(call) }) { await hearOthers(of: Set(call.places.map(\.subject))) }
        for attempt in 0..<8 {
            let answer = try await ask(call, mode, named: named)
            guard case .healing(_, _, _, let wait) = answer else { return answer }
            // What Redis is told by the second call is as new as can be; others have until the end of the wait.
            if attempt == 0 { signals?.announce(Self.loss) } else { try? await Task.sleep(for: wait) }
            await hearOthers(of: Set(call.places.map(\.subject)))
        }
        throw Unavailable("quota", reason: "Redis loses its counters over and over again")
    }

    /// - Throws: `Loss`; `InternalFailure` if the script answers what it never does.
    func ask(_ call: QuotaDraw, _ mode: QuotaDraw.Mode, named: Named?) async throws -> QuotaAnswer {
        let moment = moment()
        let connection = client.connectionCount
        var keys = call.plan.names
        if let named { keys.append(.text(named.key)) }
        // What is named or only looked at is rare beside the rest.
        let straight = mode == .take && named == nil ? scripts.script(of: call) : nil
        let value = try await run(
            straight ?? QuotaScripts.draw, keys, along: named?.along ?? [], isDoubtful: mode != .peek
        ) { number in
            let known = memory.withLock { $0.known(call.parts) }
            let packed = call.packed(
                mode, isNamed: named != nil, moment: moment, node: node, number: number, known: known,
                healing: healing)
            let arguments: [RedisCommand.Argument] = [.bytes(packed), .bytes(named?.holds ?? [])]
            if straight == nil { return arguments }
            return arguments + [.bytes(call.straight(moment: moment, node: node, number: number, known: known))]
        }
        guard let bytes = value.bytes, let answer = call.answer(bytes, mode) else {
            throw InternalFailure("the quota script answered what the rules do not allow")
        }
        if mode != .peek { learn(call, answer, over: connection) }
        return answer
    }

    /// - Throws: `Loss`
    func run(
        _ script: RedisScript, _ keys: [RedisCommand.Argument], along: [RedisCommand] = [], isDoubtful: Bool = false,
        _ arguments: (_ number: UInt64) -> [RedisCommand.Argument]
    ) async throws -> RedisValue {
        var last: UInt64?
        do {
            return try await client.run(script, keys: keys, along: along, within: timeout) { number in
                last = number
                return arguments(number)
            }
        } catch let failure as RedisFailure {
            if failure.kind == .refused, refusals.isDue(failure.reason) {
                logger.error("Redis refuses to count", ["cause": "\(failure)"])
            }
            throw Loss(number: isDoubtful && failure.kind == .unknown ? last : nil)
        }
    }

    func moment() -> QuotaMoment {
        let now = clock.now
        if hasOwnClock { return QuotaMoment(now: now, sent: now.milliseconds) }
        let theirs = Timestamp(milliseconds: now.milliseconds + ahead.load(ordering: .relaxed))
        return QuotaMoment(now: theirs, sent: 0)
    }

    private func learn(_ call: QuotaDraw, _ answer: QuotaAnswer, over connection: Int) {
        switch answer {
        case .decided(_, let charges, let time, let epochs), .repeated(let charges, let time, let epochs),
            .healing(let charges, let time, let epochs, _):
            if !hasOwnClock { ahead.store(time.milliseconds - clock.now.milliseconds, ordering: .relaxed) }
            memory.withLock { $0.learn(call.parts, charges, epochs, over: connection) }
        case .outdated, .overtaken: break
        }
    }

    // MARK: What was counted alone

    /// Returns when Redis has what this process counted while it was away.
    ///
    /// - Throws: `Loss`
    func bringBack(_ group: QuotaGroup) async throws {
        guard memory.withLock({ $0.owes(group) }) else { return }
        guard client.status.isConnected else { throw Loss(number: nil) }
        do {
            try await returns.alone(group) {
                await hearOthers(of: memory.withLock { $0.owingSubjects(group) })
                while let owing = memory.withLock({ $0.takeOwed(group) }) {
                    let bill = QuotaBill(owing, of: group)
                    _ = try await run(QuotaScripts.bringBack, keys(of: bill)) { number in
                        let (number, floors) = memory.withLock { memory in
                            (memory.numbered(group, number), bill.ids.map { memory[$0] })
                        }
                        return [.bytes(bill.packed(moment: moment(), node: node, number: number, floors: floors))]
                    }
                    memory.withLock { $0.returned(group, owing) }
                }
            }
        } catch is CancellationError {
            throw Loss(number: nil)
        }
    }

    /// Of a server that lost everything, each process knows a part: the highest count that any has seen is the one from
    /// which all go on. While Redis was away they had time to write it.
    private func hearOthers(of subjects: Set<SubjectKey>) async {
        let now = moment().now
        do {
            try await flush()
            let records = try await database.read {
                try SQLCounterTable(transaction: $0).open(of: subjects, at: now)
            }
            memory.withLock { $0.raise(records) }
        } catch {
            logger.debug("counts of other processes cannot be read", ["cause": "\(error)"])
        }
    }

    private func keys(of bill: QuotaBill) -> [RedisCommand.Argument] {
        bill.places.map { names.counters($0, of: bill.group) }
    }
}
