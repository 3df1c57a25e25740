import AccessApplication
import AccessContract
import AccessDomain
import Shared

/// Those that this process counted, for a meter that no other process shares.
struct InMemoryCountedRequests: CountedRequests {
    let answered: any AnsweredRequests
    let clock: any WallClock
    /// Takes a draw back that was counted at that time.
    let giveBack: @Sendable (_ draw: Draw, _ countedAt: Timestamp) async throws -> Void

    func giveBack(
        _ requestID: String, of service: ServiceID, preferring gateway: GatewayRequest.Gateway
    ) async throws -> Int? {
        guard let request = answered.takeCounted(requestID, of: service, preferring: gateway, at: clock.now),
            let draw = request.draw
        else { return nil }
        try await giveBack(draw, request.decision.decidedAt)
        return draw.cost
    }
}
