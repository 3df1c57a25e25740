import AccountsApplication
import AccountsDomain
import Crypto
import HTTP
import Shared

/// The cookies of sign-ins with other companies that have begun in this browser, one for each, so that two tabs do not
/// disturb each other. For every path, so that the start sees how many there are.
struct FlowCookies: Sendable {
    private let seal: CookieSeal
    private let isSecure: Bool

    static let countMax = 5
    /// How long the answer of a callback can be had again.
    private static let rest = FlowClaim.resultLifetime

    init(seal: CookieSeal, isSecure: Bool) {
        self.seal = seal
        self.isSecure = isSecure
    }

    /// By the prefix a browser takes it from this host alone, and only over TLS.
    private var prefix: String { isSecure ? "__Host-gapura_flow_" : "gapura_flow_" }

    private func name(of state: String) -> String {
        prefix + Hex.encode(SHA256.hash(Array(state.utf8)).prefix(4))
    }

    /// The cookie of a new flow, and the end of others if there are too many.
    func begin(_ flow: ProviderFlow, _ request: Request, at now: Timestamp) throws -> [Cookie] {
        let name = name(of: flow.stateText)
        var open: [(name: String, startedAt: Timestamp)] = []
        var ended: [String] = []
        for (other, value) in request.headers.cookiePairs(startingWith: prefix) where other != name {
            if let known = read(value, other), known.isOpen(at: now) {
                open.append((other, known.startedAt))
            } else {
                ended.append(other)
            }
        }
        let excess = open.sorted { $0.startedAt < $1.startedAt }.prefix(max(0, open.count - Self.countMax + 1))
        ended += excess.map(\.name)
        return ended.prefix(Self.endedMax).map { cookie($0, "", .zero) }
            + [cookie(name, try seal.seal(flow.bytes, as: name), ProviderFlow.lifetime)]
    }

    /// A browser that sends more is not one of ours to clean.
    private static let endedMax = 20

    /// The flow of a callback's state; nil if this browser has not begun it.
    func flow(of state: String, _ request: Request) -> ProviderFlow? {
        let name = name(of: state)
        // A neighbouring domain can set one of this name too, but not one that opens.
        return request.headers.cookies(name).prefix(Self.countMax).lazy.compactMap { read($0, name) }
            .first { $0.stateText == state }
    }

    /// The same cookie, for as long as the answer can be had again.
    func end(_ flow: ProviderFlow) throws -> Cookie {
        let name = name(of: flow.stateText)
        return cookie(name, try seal.seal(flow.bytes, as: name), Self.rest)
    }

    private func read(_ value: String, _ name: String) -> ProviderFlow? {
        seal.open(value, as: name).flatMap { ProviderFlow(bytes: $0) }
    }

    private func cookie(_ name: String, _ value: String, _ maxAge: Duration) -> Cookie {
        Cookie(name: name, value: value, maxAge: maxAge, isSecure: isSecure)
    }
}
