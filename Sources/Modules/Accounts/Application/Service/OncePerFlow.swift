import AccountsDomain
import Shared

/// Lets one callback of a flow act, on whichever process, and gives all that bring the same flow the same answer: a
/// double click or a reload gives one session, one user, one exchange of the code.
package struct OncePerFlow: Sendable {
    private let work: any AccountsWork
    private let protection: any FlowProtection
    private let clock: any WallClock
    private let owner: String

    /// How long the second one waits for the first.
    private static let patience: Duration = .seconds(10)
    private static let pause: Duration = .milliseconds(100)

    /// - Parameter owner: this process, for people who look at the table.
    package init(work: any AccountsWork, protection: any FlowProtection, clock: any WallClock, owner: String) {
        self.work = work
        self.protection = protection
        self.clock = clock
        self.owner = owner
    }

    package struct Answer: Sendable {
        package let bytes: [UInt8]
        package let isRefusal: Bool

        package init(bytes: [UInt8], isRefusal: Bool) {
            self.bytes = bytes
            self.isRefusal = isRefusal
        }
    }

    package enum Outcome: Sendable {
        case answered([UInt8])
        /// It was answered too long ago.
        case over
        /// The first one still waits for the provider, or its process has died.
        case running
    }

    /// - Parameter act: goes on when the client that waits for it has gone: a browser drops the first request of a
    ///   double click.
    package func callAsFunction(
        _ flow: ProviderFlow, _ act: @escaping @Sendable () async -> Answer
    ) async throws -> Outcome {
        let claim = FlowClaim(hash: protection.digest(flow.stateText), owner: owner, createdAt: clock.now)
        guard try await work.write({ try $0.flowClaims.insert(claim) }) else {
            return try await wait(for: claim.hash, flow)
        }
        let acting = Task { () async throws -> [UInt8] in
            let answer = await act()
            var done = claim
            done.state = answer.isRefusal ? .failed : .done
            done.result = try protection.seal(answer.bytes, for: flow)
            done.doneAt = clock.now
            // What was done is done, and is answered here even if nobody else can have it.
            _ = try? await work.write { [done] in try $0.flowClaims.update(done) }
            return answer.bytes
        }
        return .answered(try await acting.value)
    }

    private func wait(for hash: [UInt8], _ flow: ProviderFlow) async throws -> Outcome {
        let end = ContinuousClock.now + Self.patience
        while true {
            guard let claim = try await work.read({ try $0.flowClaims.find(hash) }) else { return .over }
            if let result = claim.result, let doneAt = claim.doneAt {
                guard clock.now - doneAt < FlowClaim.resultLifetime,
                    let answer = try protection.open(result, for: flow)
                else { return .over }
                return .answered(answer)
            }
            guard ContinuousClock.now < end else { return .running }
            try await Task.sleep(for: Self.pause)
        }
    }
}
