import HTTPClient
import Lifecycle
import Shared
import Synchronization

/// Gives each name the addresses that a test says, one answer after the other; the last one stays.
final class ScriptedResolver: HostResolver {
    private let answers: Mutex<[String: [[String]]]>
    private let asked = Mutex<[String]>([])

    init(_ answers: [String: [[String]]]) {
        self.answers = Mutex(answers)
    }

    var names: [String] { asked.withLock { $0 } }

    func addresses(of name: String) async throws -> [NetworkAddress] {
        asked.withLock { $0.append(name) }
        let texts = answers.withLock { answers -> [String]? in
            guard let list = answers[name], let first = list.first else { return nil }
            if list.count > 1 { answers[name] = Array(list.dropFirst()) }
            return first
        }
        guard let texts else { throw FetchFailure(.unresolved, "no such name in this test") }
        return texts.compactMap(NetworkAddress.init(text:))
    }
}

extension EgressPolicy {
    /// What the tests' own servers need.
    static let loopback = EgressPolicy(
        allowsPlainHTTP: true, allowed: [NetworkPrefix(text: "127.0.0.1")].compactMap { $0 })
}

/// Gives `body` a fetcher that is ended afterwards.
func withFetcher<T: Sendable>(
    _ policy: EgressPolicy = .loopback, resolver: any HostResolver = ScriptedResolver([:]),
    breaker: CircuitBreaker = CircuitBreaker(), ordersMax: Int = 100,
    _ body: @Sendable (HTTPFetcher) async throws -> T
) async throws -> T {
    let fetcher = HTTPFetcher(EgressGuard(policy, resolver: resolver), breaker: breaker, ordersMax: ordersMax)
    let lifecycle = ServiceLifecycle()
    async let ended: Void = fetcher.run(lifecycle)
    let result: Result<T, any Error>
    do {
        result = .success(try await body(fetcher))
    } catch {
        result = .failure(error)
    }
    lifecycle.requestShutdown(deadline: .now + .seconds(10))
    try await ended
    return try result.get()
}

/// The failure that a request ends with.
func failure(of fetch: () async throws -> FetchResponse) async throws -> FetchFailure {
    do {
        let response = try await fetch()
        throw InternalFailure("there was an answer: \(response.status)")
    } catch let failure as FetchFailure {
        return failure
    }
}
