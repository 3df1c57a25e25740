import AccessApplication
import AccessDomain
import Shared
import Synchronization

/// Two halves, of which the older is dropped when the younger is full.
final class InMemoryAnsweredRequests: AnsweredRequests {
    private struct State {
        var younger: [GatewayRequest: AnsweredRequest] = [:]
        var older: [GatewayRequest: AnsweredRequest] = [:]
        var rotatedAt: Timestamp?
    }

    private let state = Mutex(State())
    private let halfCapacity: Int

    init(capacity: Int = 16_384) {
        halfCapacity = max(1, capacity / 2)
    }

    func find(_ request: GatewayRequest) -> AnsweredRequest? {
        state.withLock { $0.younger[request] ?? $0.older[request] }
    }

    func note(_ answered: AnsweredRequest, _ request: GatewayRequest) {
        let now = answered.decision.decidedAt
        state.withLock { state in
            // Nothing in the older half holds any more once the younger is as old as answers may be.
            let isOld = state.rotatedAt.map { now - $0 >= GatewayRequest.lifetime } ?? true
            if isOld || state.younger.count >= halfCapacity {
                state.older = state.younger
                state.younger = [:]
                state.rotatedAt = now
            }
            state.younger[request] = answered
        }
    }

    var count: Int { state.withLock { $0.younger.count + $0.older.count } }
}
