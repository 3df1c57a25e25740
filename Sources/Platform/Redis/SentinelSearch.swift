import EventLoop
import Shared

/// Asks Sentinels, one after the other, where the master is (Redis documentation, "Sentinel client spec"). Used on its
/// loop only.
final class SentinelSearch: RedisLinkOwner {
    struct Found {
        let master: Endpoint
        /// Who knew it.
        let sentinel: Endpoint
    }

    private let loop: EventLoop
    private let name: String
    private let tls: TLSContext?
    private let credentials: RedisURL.Credentials?
    private let settings: RedisSettings
    private let completion: (Result<Found, RedisFailure>) -> Void
    private var left: ArraySlice<Endpoint>
    private var link: RedisLink?
    private var found: Endpoint?
    private var reasons: [String] = []

    /// - Parameter completion: called once, on the loop, after `start` has returned.
    init(
        _ loop: EventLoop, _ sentinels: [Endpoint], master: String, tls: TLSContext?,
        _ credentials: RedisURL.Credentials?, _ settings: RedisSettings,
        _ completion: @escaping (Result<Found, RedisFailure>) -> Void
    ) {
        self.loop = loop
        name = master
        left = sentinels[...]
        self.tls = tls
        self.credentials = credentials
        self.settings = settings
        self.completion = completion
    }

    func start() {
        guard let sentinel = left.popFirst() else {
            link = nil
            return completion(.failure(RedisFailure(.unavailable, reasons.joined(separator: "; "))))
        }
        let access = RedisLink.Access(
            endpoint: sentinel, tls: tls, credentials: credentials, database: 0, mustBeMaster: false)
        link = RedisLink(loop, access, settings, owner: self)
    }

    func linkReady(_ link: RedisLink) {
        link.ask(RedisCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", .text(name))) { [weak self, weak link] value in
            guard let self, let link else { return }
            found = Self.endpoint(value)
            link.close(because: RedisFailure(.unavailable, "it does not know the master \(name)"))
        }
    }

    func linkEnded(_ link: RedisLink, _ failure: RedisFailure) {
        if let found {
            self.link = nil
            return completion(.success(Found(master: found, sentinel: link.endpoint)))
        }
        reasons.append("Sentinel \(link.endpoint): \(failure.reason)")
        start()
    }

    private static func endpoint(_ value: RedisValue) -> Endpoint? {
        guard let parts = value.array, parts.count == 2, let host = parts[0].text, !host.isEmpty,
            let port = parts[1].text.flatMap({ Int($0) }), 1...65_535 ~= port
        else { return nil }
        return .tcp(host: host, port: port)
    }
}
