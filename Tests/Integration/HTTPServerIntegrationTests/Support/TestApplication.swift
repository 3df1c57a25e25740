import HTTP
import Lifecycle
import Shared
import Synchronization

/// Answers with what it was asked, in the ways that matter to a server:
/// `/echo` at once, `/hop` after leaving the HTTP thread, `/wait` when `gate` opens, `/big` with a megabyte.
final class TestApplication: HTTPApplication {
    let gate = Latch()
    let arrivals = Atomic(0)
    let cancellations = Atomic(0)

    func reply(to request: consuming Request) -> Reply {
        if request.path == "/now" { return .now(echo(request)) }
        return .later { [self, request] in await answer(request) }
    }

    private func answer(_ request: Request) async -> Response {
        switch request.path {
        case "/hop":
            for _ in 0..<3 { await Task.yield() }
        case "/wait":
            arrivals.add(1, ordering: .relaxed)
            await gate.wait()
            if Task.isCancelled { cancellations.add(1, ordering: .relaxed) }
        case "/stubborn":
            arrivals.add(1, ordering: .relaxed)
            // Like work that does not look at cancellation.
            await Task { await gate.wait() }.value
        case "/big":
            return Response(status: 200, body: [UInt8](repeating: UInt8(ascii: "x"), count: 16 << 20))
        case "/invalid":
            return Response(status: 100)
        default:
            break
        }
        return echo(request)
    }

    private func echo(_ request: Request) -> Response {
        var text = "\(request.method.rawValue) \(request.path)"
        if let query = request.query { text += "?\(query)" }
        var response = Response(status: 200, headers: [("Content-Type", "text/plain")])
        // The head of the answer must fit into the memory beside the request.
        if text.utf8.count < 1_000 { response.add("X-Target", text) }
        if let echoed = request.headers["X-Echo"] { response.add("X-Echoed", echoed) }
        response.add("X-Peer", request.peer.description)
        response.body = Array("\(text)\n".utf8) + request.body
        return response
    }

    func refuse(_ refusal: RequestRefusal) -> Response {
        switch refusal {
        case .malformed(let reason): Response(status: 400, body: Array(reason.utf8))
        case .bodyTooLarge(let limit): Response(status: 413, body: Array("at most \(limit)".utf8))
        case .draining: Response(status: 503, body: Array("draining".utf8))
        }
    }

    var arrivalCount: Int { arrivals.load(ordering: .relaxed) }
    var cancellationCount: Int { cancellations.load(ordering: .relaxed) }
}
