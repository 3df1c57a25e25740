import AccountsApplication
import AccountsDomain
import HTTPClient
import JSON
import Shared

/// The calls to one provider: each in time and by the breaker, none followed elsewhere, and JSON is all that counts.
struct ProviderCalls: Sendable {
    enum Answer: Sendable {
        /// 200, with the answer's `Cache-Control`.
        case document(JSONValue, cacheControl: String?)
        /// It understood, and said no (4xx): the status, and `error` of RFC 6749 § 5.2 if it is there.
        case refusal(Int, error: String?)
    }

    private let http: any HTTPFetching
    private let breaker: CircuitBreaker
    private let provider: ProviderName
    private let trust: FetchTrust
    private let logger: Logger

    /// A single call.
    static let callLimit: Duration = .seconds(10)

    /// - Parameter trust: whose certificates count, and what we show.
    init(
        _ provider: ProviderName, _ http: any HTTPFetching, trust: FetchTrust = .system,
        stopwatch: any MonotonicClock, logger: Logger
    ) {
        self.provider = provider
        self.http = http
        self.trust = trust
        breaker = CircuitBreaker(
            failuresMax: 5, pause: .seconds(30),
            share: CircuitBreaker.Share(failures: 10, of: 20, within: .seconds(30)), clock: stopwatch)
        self.logger = logger.with("provider", .text(provider.text))
    }

    /// Reads; if no answer comes, once more over a connection of its own.
    ///
    /// - Parameter what: names the call in the log.
    /// - Throws: `ProviderFault.unavailable`; `ProviderFault.misconfigured` if the guard lets no request go there.
    func get(
        _ url: FetchURL, _ what: String, headers: [(name: String, value: String)] = []
    ) async throws(ProviderFault) -> Answer {
        let accept = [(name: "Accept", value: "application/json")]
        let isGiven = headers.contains { $0.name == "Accept" }
        var request = request("GET", url, headers: isGiven ? headers : accept + headers)
        let start = ContinuousClock.now
        return try await counted(what) { () async throws -> FetchResponse in
            do {
                return try await http.fetch(request)
            } catch let failure as FetchFailure where failure.isWorthAnotherTry {
                request.limits.total = Self.callLimit - (.now - start)
                request.needsFreshConnection = true
                guard request.limits.total > .milliseconds(100) else { throw failure }
                return try await http.fetch(request)
            }
        }
    }

    /// Sends a form, once: over a connection of its own, so that nobody sends it again.
    ///
    /// - Throws: as `get`.
    func post(
        _ form: [(String, String)], to url: FetchURL, _ what: String, headers: [(name: String, value: String)] = []
    ) async throws(ProviderFault) -> Answer {
        let type = (name: "Content-Type", value: "application/x-www-form-urlencoded")
        let accept = (name: "Accept", value: "application/json")
        var request = request("POST", url, headers: [type, accept] + headers)
        request.body = Array(URLQuery.text(form).utf8)
        request.needsFreshConnection = true
        return try await counted(what) { () async throws -> FetchResponse in try await http.fetch(request) }
    }

    private func request(
        _ method: String, _ url: FetchURL, headers: [(name: String, value: String)]
    ) -> FetchRequest {
        FetchRequest(
            method, url, headers: headers, limits: FetchLimits(total: Self.callLimit, idle: Self.callLimit),
            trust: trust)
    }

    private func counted(
        _ what: String, _ fetch: () async throws -> FetchResponse
    ) async throws(ProviderFault) -> Answer {
        do {
            try breaker.admit(provider.text)
        } catch {
            throw .unavailable(retryAfter: (error as? FetchFailure)?.retryAfter)
        }
        let response: FetchResponse
        do {
            response = try await fetch()
        } catch {
            throw fault(of: error, what)
        }
        guard let answer = Self.read(response) else {
            breaker.failed(provider.text)
            logger.warning(
                "an identity provider answered amiss",
                ["call": .text(what), "status": LogValue(response.status), "bytes": LogValue(response.body.count)])
            let seconds = response.header("retry-after").flatMap { Int($0) }
            throw .unavailable(retryAfter: seconds.map { .seconds(min(max($0, 1), 3_600)) })
        }
        breaker.succeeded(provider.text)
        return answer
    }

    private func fault(of error: any Error, _ what: String) -> ProviderFault {
        guard let failure = error as? FetchFailure else {
            breaker.abandoned(provider.text)
            return .unavailable(retryAfter: nil)
        }
        switch failure.kind {
        case .paused, .refused: breaker.abandoned(provider.text)
        default: breaker.failed(provider.text)
        }
        logger.warning(
            "an identity provider did not answer", ["call": .text(what), "reason": .text(failure.description)])
        if failure.kind == .refused { return .misconfigured("\(what): \(failure.cause)") }
        return .unavailable(retryAfter: failure.retryAfter)
    }

    /// Nil for what is no answer: an error of its own, a redirect, anything but JSON with 200.
    private static func read(_ response: FetchResponse) -> Answer? {
        switch response.status {
        case 200:
            guard let value = try? JSONValue(parsing: response.body) else { return nil }
            return .document(value, cacheControl: response.header("cache-control"))
        case 400...499 where response.status != 408 && response.status != 429:
            let error = (try? JSONValue(parsing: response.body))?["error"]?.text
            return .refusal(response.status, error: error.flatMap(ClaimText.word))
        default: return nil
        }
    }
}

extension FetchFailure {
    fileprivate var isWorthAnotherTry: Bool {
        switch kind {
        case .unreachable, .broken, .insecure, .unresolved: true
        case .refused, .timedOut, .tooLarge, .redirected, .paused: false
        }
    }
}
