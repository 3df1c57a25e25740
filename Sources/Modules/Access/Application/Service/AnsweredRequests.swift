import AccessDomain
import Shared
import Synchronization

/// Which requests of gateways were answered a moment ago. Bounded: two halves, of which the older is dropped when the
/// younger is full; what is forgotten too early is counted again.
final class AnsweredRequests: Sendable {
    struct Answered: Sendable {
        let question: GatewayRequest.Question
        let decision: Decision
    }

    private struct State {
        var younger: [GatewayRequest: Answered] = [:]
        var older: [GatewayRequest: Answered] = [:]
        var rotatedAt: Timestamp?
    }

    private let state = Mutex(State())
    private let halfCapacity: Int

    init(capacity: Int = 16_384) {
        halfCapacity = max(1, capacity / 2)
    }

    func find(_ request: GatewayRequest) -> Answered? {
        state.withLock { $0.younger[request] ?? $0.older[request] }
    }

    func note(_ answered: Answered, _ request: GatewayRequest) {
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

extension GatewayRequest.Question {
    init(_ question: AccessQuestion) {
        var caller = Hasher()
        switch question.credential {
        case .none:
            caller.combine(0)
            caller.combine(question.visitor)
        case .accessToken(let token):
            caller.combine(1)
            caller.combine(token)
        case .apiKey(let key):
            caller.combine(2)
            caller.combine(key)
        case .malformed: caller.combine(3)
        }
        var demand = Hasher()
        switch question.demand {
        case .request(let method, let path):
            demand.combine(method)
            demand.combine(path.text)
        case .unknownPath: demand.combine(1)
        case .permission(let permission): demand.combine(permission)
        }
        demand.combine(question.cost)
        self.init(
            caller: UInt64(bitPattern: Int64(caller.finalize())), demand: UInt64(bitPattern: Int64(demand.finalize())))
    }
}
