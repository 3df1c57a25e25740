import AccountsApplication
import Shared
import Synchronization

/// Something that a provider publishes: fetched when it is needed first, kept for a while, then refreshed behind those
/// who use it. While the provider is out of order the last good one serves for 24 hours.
///
/// Of many who need it at once one fetches, and the others wait for that.
final class KeptAnswer<Value: Sendable>: Sendable {
    typealias Fetched = (value: Value, freshFor: Duration)
    private typealias Flight = Task<Result<Value, ProviderFault>, Never>

    private struct State {
        var value: Value?
        var fetchedAt = Timestamp(milliseconds: 0)
        var freshFor: Duration = .zero
        /// When the latest fetch began, by which failures do not follow each other at once.
        var triedAt: Timestamp?
        var reloadedAt: Timestamp?
        var flight: Flight?
    }

    private let state = Mutex(State())
    private let clock: any WallClock
    private let fetch: @Sendable () async throws(ProviderFault) -> Fetched

    private static var outageMax: Duration { .seconds(24 * 3_600) }
    private static var reloadInterval: Duration { .seconds(60) }

    init(clock: any WallClock, _ fetch: @escaping @Sendable () async throws(ProviderFault) -> Fetched) {
        self.clock = clock
        self.fetch = fetch
    }

    /// - Throws: the fault of the provider if there is nothing good to go on with.
    func value() async throws(ProviderFault) -> Value {
        let now = clock.now
        let (kept, flight) = state.withLock { state -> (Value?, Flight?) in
            let age = now - state.fetchedAt
            let kept = age <= Self.outageMax && age >= .zero ? state.value : nil
            guard let kept else { return (nil, start(&state, at: now)) }
            let triedLately = state.triedAt.map { now - $0 < Self.reloadInterval && $0 <= now } ?? false
            if age > state.freshFor, state.flight != nil || !triedLately { _ = start(&state, at: now) }
            return (kept, nil)
        }
        if let kept { return kept }
        guard let flight else { throw .unavailable(retryAfter: nil) }
        return try await flight.value.get()
    }

    /// Because what is kept does not fit: fetched anew, once a minute at most.
    ///
    /// - Returns: nil if that was done less than a minute ago, or the provider does not answer.
    func reloaded() async -> Value? {
        let now = clock.now
        let flight = state.withLock { state -> Flight? in
            if let last = state.reloadedAt, now - last < Self.reloadInterval, last <= now {
                // Who comes while it runs has its result too.
                return state.flight
            }
            state.reloadedAt = now
            return start(&state, at: now)
        }
        return try? await flight?.value.get()
    }

    private func start(_ state: inout State, at now: Timestamp) -> Flight {
        if let flight = state.flight { return flight }
        state.triedAt = now
        let flight = Flight { await self.fly() }
        state.flight = flight
        return flight
    }

    private func fly() async -> Result<Value, ProviderFault> {
        let result: Result<Fetched, ProviderFault>
        do throws(ProviderFault) {
            result = .success(try await fetch())
        } catch {
            result = .failure(error)
        }
        let now = clock.now
        state.withLock { state in
            state.flight = nil
            guard case .success(let fetched) = result else { return }
            state.value = fetched.value
            state.fetchedAt = now
            state.freshFor = fetched.freshFor
        }
        return result.map(\.value)
    }
}
