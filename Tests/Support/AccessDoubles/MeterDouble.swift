import AccessApplication
import AccessContract
import AccessDomain
import Shared
import Synchronization
import Testing

/// A meter that answers what a test plans, else that there is room and nothing is limited; and remembers what it was
/// asked. It does not count: for that there is the real one.
package final class MeterDouble: Meter {
    package enum Call: Sendable {
        case take(Draw)
        case takeNamed(Draw, GatewayRequest)
        case giveBack(Draw, countedAt: Timestamp)
        case peek(Draw)
        case reserve(Draw, ReservationRequest)
        case settle(ReservationID, Settlement, by: Identifier)
        case reset(MeterSubject)
        case merge(DeviceMerge)
    }

    private struct State {
        var calls: [Call] = []
        var draws: [Result<DrawOutcome, any Error>] = []
        var reserves: [ReserveOutcome] = []
        var settlements: [SettleOutcome] = []
        var merges: [any Error] = []
        var usage: [MeteredUse] = []
        var usageQuestions: [MeterSubject] = []
    }

    private let state = Mutex(State())
    package let keepsNames: Bool

    /// - Parameter keepsNames: as one that several processes share, which does not draw at once.
    package init(keepsNames: Bool = false) {
        self.keepsNames = keepsNames
    }

    package var calls: [Call] { state.withLock { $0.calls } }
    /// What was counted, in order.
    package var taken: [Draw] { calls.compactMap { if case .take(let draw) = $0 { draw } else { nil } } }
    package var peeked: [Draw] { calls.compactMap { if case .peek(let draw) = $0 { draw } else { nil } } }
    package var merged: [DeviceMerge] { calls.compactMap { if case .merge(let merge) = $0 { merge } else { nil } } }

    package var resets: [MeterSubject] { calls.compactMap { if case .reset(let one) = $0 { one } else { nil } } }
    /// Whose usage was asked for, in order.
    package var usageQuestions: [MeterSubject] { state.withLock { $0.usageQuestions } }

    package var givenBack: [Draw] { calls.compactMap { if case .giveBack(let draw, _) = $0 { draw } else { nil } } }

    /// What the next `take` or `peek` answers.
    package func plan(_ outcome: DrawOutcome) { state.withLock { $0.draws.append(.success(outcome)) } }
    package func planFailure(_ error: any Error) { state.withLock { $0.draws.append(.failure(error)) } }
    package func plan(reserve outcome: ReserveOutcome) { state.withLock { $0.reserves.append(outcome) } }
    package func plan(settle outcome: SettleOutcome) { state.withLock { $0.settlements.append(outcome) } }
    package func plan(mergeFailure error: any Error) { state.withLock { $0.merges.append(error) } }
    package func plan(usage: [MeteredUse]) { state.withLock { $0.usage = usage } }

    package func take(_ draw: Draw) async throws -> DrawOutcome { try next(.take(draw)) }

    package func take(_ draw: Draw, named request: GatewayRequest) async throws -> DrawOutcome {
        keepsNames ? try next(.takeNamed(draw, request)) : try next(.take(draw))
    }

    package func giveBack(_ draw: Draw, countedAt: Timestamp) {
        state.withLock { $0.calls.append(.giveBack(draw, countedAt: countedAt)) }
    }

    package var canRecallTake: Bool { !keepsNames }

    package func recallTake(_ draw: Draw) -> DrawOutcome? {
        let canAnswer = state.withLock { state in
            if keepsNames { return false }
            return if case .failure? = state.draws.first { false } else { CacheLevel.current >= .counters }
        }
        return canAnswer ? try? next(.take(draw)) : nil
    }

    package func peek(_ draw: Draw) async throws -> DrawOutcome { try next(.peek(draw)) }

    package func reserve(_ draw: Draw, _ request: ReservationRequest) async throws -> ReserveOutcome {
        try planned(.reserve(draw, request)) { $0.reserves.isEmpty ? nil : $0.reserves.removeFirst() }
    }

    package func settle(
        _ id: ReservationID, used: Settlement, by caller: Identifier
    ) async throws -> SettleOutcome {
        try planned(.settle(id, used, by: caller)) { $0.settlements.isEmpty ? nil : $0.settlements.removeFirst() }
    }

    package func usage(of subject: MeterSubject) async throws -> [MeteredUse] {
        state.withLock { state in
            state.usageQuestions.append(subject)
            return state.usage
        }
    }

    package func reset(_ subject: MeterSubject) async throws { state.withLock { $0.calls.append(.reset(subject)) } }

    package func merge(_ merge: DeviceMerge) async throws {
        let failure = state.withLock { state in
            state.calls.append(.merge(merge))
            return state.merges.isEmpty ? nil : state.merges.removeFirst()
        }
        if let failure { throw failure }
    }

    private func next(_ call: Call) throws -> DrawOutcome {
        try state.withLock { state in
            state.calls.append(call)
            return state.draws.isEmpty ? nil : state.draws.removeFirst()
        }?.get() ?? DrawOutcome(isAllowed: true, binding: nil)
    }

    private func planned<T>(_ call: Call, _ answer: (inout State) -> T?) throws -> T {
        let given = state.withLock { state in
            state.calls.append(call)
            return answer(&state)
        }
        return try #require(given, "the test did not plan this call of the meter")
    }
}
