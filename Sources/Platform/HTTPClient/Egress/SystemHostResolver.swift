import Shared
import Threads

/// The machine's. Who waits for it may give up before it has answered.
package final class SystemHostResolver: HostResolver {
    private let lookUp = NameLookup()

    package init() {}

    package func addresses(of name: String) async throws -> [NetworkAddress] {
        let answer = PendingResult<[NetworkAddress]>()
        try lookUp(name) { result in
            answer.end(result.mapError { FetchFailure(.unresolved, $0.reason) as any Error })
        }
        return try await answer.value { answer.end(.failure(CancellationError())) }
    }
}
