import AccessApplication
import AccessContract
import AccessDomain
import Shared
import Synchronization

/// Two halves, of which the older is dropped when the younger is full.
final class InMemoryAnsweredRequests: AnsweredRequests {
    private struct State {
        var younger: [GatewayRequest: AnsweredRequest] = [:]
        var older: [GatewayRequest: AnsweredRequest] = [:]
        var rotatedAt: Timestamp?
        /// Who asked lately: by these a name is found whose gateway is not known. Bounded.
        var gateways: Set<GatewayRequest.Gateway> = []
        var lastGateway: GatewayRequest.Gateway?
    }

    private static let gatewaysMax = 256

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
            if state.lastGateway != request.gateway {
                state.lastGateway = request.gateway
                if state.gateways.count >= Self.gatewaysMax { state.gateways = [] }
                state.gateways.insert(request.gateway)
            }
        }
    }

    func takeCounted(
        _ requestID: String, of service: ServiceID, preferring gateway: GatewayRequest.Gateway, at now: Timestamp
    ) -> AnsweredRequest? {
        state.withLock { state in
            func take(_ gateway: GatewayRequest.Gateway) -> AnsweredRequest? {
                guard let request = GatewayRequest(gateway: gateway, service: service, requestID: requestID),
                    let answered = state.younger[request] ?? state.older[request], answered.isCounted(at: now)
                else { return nil }
                state.younger[request] = nil
                state.older[request] = nil
                return answered
            }
            if let own = take(gateway) { return own }
            for other in state.gateways {
                if let found = take(other) { return found }
            }
            return nil
        }
    }

    var count: Int { state.withLock { $0.younger.count + $0.older.count } }
}
