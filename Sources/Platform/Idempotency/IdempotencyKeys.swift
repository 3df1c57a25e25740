import Crypto
import HTTP
import Retention
import Shared

/// Gives a request with an `Idempotency-Key` its effect once, and its answer again for 72 hours
/// (draft-ietf-httpapi-idempotency-key-header).
///
/// Routes use it by `Route.init(_:_:_:once:...)`. A run is claimed in one short transaction, the handler runs outside
/// of it, the answer is stored in another. Between the handler's own commit and the storing the process can end; then
/// the request runs again when the lease is over. So the contract of a handler is:
///
/// 1. It is given an identifier, in every run of one request the same, and makes what it makes under this one.
/// 2. If that is there already, a run before has made it: it answers with what is there, and does nothing.
/// 3. It refuses (4xx but 402) only where it has changed nothing.
package struct IdempotencyKeys: Sendable {
    /// How long an answer is given again.
    package static let lifetime: Duration = .seconds(72 * 3_600)
    /// How long a request may run before another with its key may take its place: longer than any runs.
    package static let lease: Duration = .seconds(60)

    private let store: any IdempotencyStore
    private let seal: IdempotencySeal
    private let clock: any WallClock
    private let identifiers: any IdentifierSource
    private let logger: Logger

    /// - Parameter masterKey: from which the keys are derived that make fingerprints and encrypt answers.
    /// - Throws: `MasterKeyError`.
    package init(
        store: any IdempotencyStore, masterKey: MasterKey, clock: any WallClock, identifiers: any IdentifierSource,
        logger: Logger
    ) throws {
        self.store = store
        seal = try IdempotencySeal(masterKey)
        self.clock = clock
        self.identifiers = identifiers
        self.logger = logger
    }

    /// Deletes what is not given again any more.
    package var prunes: [Prune] { [store.prune] }

    /// Runs the handler, or answers as it did before.
    ///
    /// - Parameters:
    ///   - route: method and path template.
    ///   - secrets: members of the JSON body that are shown once: they are not stored, and missing when the answer is
    ///     given again.
    ///   - handler: see the contract above. Without a key it runs with an identifier of its own.
    /// - Throws: what the handler throws; a problem 400 for a malformed key, 409 while another request with this key
    ///   runs, 422 if the key belongs to another request; failures of the database.
    func answer(
        _ request: Request, route: String, caller: IdempotencyCaller, secrets: Set<String>,
        _ handler: (_ resourceID: Identifier) async throws -> Response
    ) async throws -> Response {
        let resourceID = identifiers.next()
        guard let key = try IdempotencyKey(of: request) else { return try await handler(resourceID) }
        let scope = IdempotencySeal.scope(caller, route, key)
        let verdict = try await store.claim(
            scope, fingerprints: seal.fingerprints(of: request), resourceID: resourceID, at: clock.now)
        switch verdict {
        case .inUse: throw Problem(.idempotencyKeyInUse, headers: [("Retry-After", "1")])
        case .reused:
            throw Problem(.idempotencyKeyReused, "The key was sent with another request; take a new one")
        case .answered(let status, let sealed): return try seal.open(sealed, status: status, scope: scope).response
        case .granted(let claim):
            do {
                let response = try await handler(claim.resourceID)
                await settle(claim, with: StoredAnswer(response, leavingOut: secrets), request, route)
                return response
            } catch {
                let answer = (error as? Problem).map { problem in
                    StoredAnswer(problem.response(requestID: request.id), leavingOut: secrets)
                }
                await settle(claim, with: answer, request, route)
                throw error
            }
        }
    }

    /// - Parameter answer: nil after a failure.
    private func settle(
        _ claim: IdempotencyClaim, with answer: StoredAnswer?, _ request: Request, _ route: String
    ) async {
        // A task of its own, and waited for: the request's is cancelled when the client has gone, who is just the one
        // that will come back for the answer.
        let settling = Task { () async throws -> Void in
            switch (answer, answer.map { IdempotencyFate(status: $0.status) }) {
            case (let answer?, .keep):
                if answer.lostBody {
                    logger.warning(
                        "an answer is too large to be given again",
                        ["route": .text(route), "bytes_max": LogValue(StoredAnswer.bodySizeMax)])
                }
                try await store.complete(
                    claim, status: answer.status, sealed: try seal.seal(answer, scope: claim.scope))
            case (_, .forget) where claim.isFirst: try await store.forget(claim)
            default: try await store.release(claim, at: clock.now)
            }
        }
        do {
            try await settling.value
        } catch {
            logger.warning(
                "an idempotency key stays claimed until its lease ends",
                ["route": .text(route), "request_id": .text(request.id), "cause": .text("\(error)")])
        }
    }
}

/// What becomes of a key after its request's answer.
enum IdempotencyFate: Sendable {
    /// The answer is given again.
    case keep
    /// Nothing has happened: the client may send the key again, with a mended request too.
    case forget
    /// Nobody knows what has happened: the same request may run again, and no other.
    case release

    /// Kept is what has happened: success, and a payment that was tried and declined (402).
    init(status: Int) {
        self =
            switch status {
            case 200..<400, 402: .keep
            case 400..<500: .forget
            default: .release
            }
    }
}
