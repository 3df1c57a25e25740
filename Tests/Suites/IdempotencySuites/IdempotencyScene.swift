import Crypto
import HTTP
import Idempotency
import JSON
import Retention
import Shared
import TestSupport

/// Routes that make things, behind keys, over a store; with a clock to move.
package struct IdempotencyScene: Sendable {
    /// What a handler does in the run with this number, from 1.
    package typealias Act = @Sendable (_ run: Int, _ id: Identifier) async throws -> Response

    private let store: any IdempotencyStore
    let clock: ManualClock
    let log = RecordingLogSink()
    /// The identifiers of all runs, in order.
    let runs = Recorder<Identifier>()
    let keys: IdempotencyKeys
    let router: Router

    private static let identifiers = TimeOrderedIdentifierSource()

    /// - Parameters:
    ///   - masterKeys: one byte each stands for a whole key; the first is the newest.
    ///   - act: by default it makes the thing.
    package init(
        _ store: any IdempotencyStore, clock: ManualClock = ManualClock(), masterKeys: [UInt8] = [1],
        secrets: Set<String> = [], act: @escaping Act = { _, id in made(id) }
    ) throws {
        self.store = store
        self.clock = clock
        keys = try IdempotencyKeys(
            store: store,
            masterKey: try MasterKey(
                keys: masterKeys.map { Secret([UInt8](repeating: $0, count: MasterKey.byteCount)) }),
            clock: clock, identifiers: Self.identifiers, logger: log.logger())
        let paths: [PathTemplate] = ["/things", "/parts", "/things/{id}/parts"]
        router = Router(
            routes: paths.map { [keys, runs] path in
                Route(.post, path, Self.operation, once: keys, secrets: secrets, admit: Self.admit) { _, _, id in
                    runs.add(id)
                    return try await act(runs.all.count, id)
                }
            },
            middleware: [
                FailureMapping(logger: .silent) { problem, request in problem.response(requestID: request.id) }
            ])
    }

    private static let operation = Operation(
        "make", "Make a thing", tag: "Things", answers: [.empty(201, "It is made")])

    /// Whoever says who he is, is believed.
    @Sendable private static func admit(_ request: Request) async throws -> (IdempotencyCaller, JSONValue) {
        guard request.headers["x-user"] != "stranger" else { throw Problem(.unauthenticated) }
        let caller = request.headers["x-user"].map { IdempotencyCaller.subject("user:\($0)") }
        guard let body = try? JSONValue(parsing: request.body) else { throw Problem(.badJSON) }
        return (caller ?? .anonymous(request), body)
    }

    package static func made(_ id: Identifier) -> Response {
        Response(
            status: 201,
            headers: [("Content-Type", "application/json"), ("Location", "/things/\(id)"), ("Set-Cookie", "a=b")],
            body: Array("{\"id\":\"\(id)\"}".utf8))
    }

    package func post(
        _ key: String? = "key", _ body: String = "{}", to target: String = "/things", as user: String? = "ana",
        from peer: NetworkAddress = .loopback
    ) async -> Response {
        let headers = [("Idempotency-Key", key), ("X-User", user)].compactMap { name, value in
            value.map { (name, $0) }
        }
        let parts = target.split(separator: "?", maxSplits: 1)
        return await router.respond(
            to: Request(
                method: .post, path: String(parts[0]), query: parts.count == 2 ? String(parts[1]) : nil,
                headers: Headers(headers), body: Array(body.utf8), peer: peer))
    }

    /// How many keys there are; they are gone then.
    func rowCount() async throws -> Int {
        try await store.prune.remove(at: clock.now + IdempotencyKeys.lifetime * 2)
    }
}

extension Response {
    var isReplayed: Bool { self["Idempotent-Replayed"] == "true" }
    /// The code of a problem document; nil if it is none.
    var code: String? { (try? JSONValue(parsing: body))?["code"]?.text }
}

extension IdempotencyScene {
    /// One batch.
    func removeExpired() async throws -> Int {
        var removed = 0
        for prune in keys.prunes { removed += try await prune.remove(at: clock.now) }
        return removed
    }
}
