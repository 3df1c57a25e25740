import AccessContract
import AccessDomain

/// Requests that were counted a moment ago under the names that gateways gave them.
package protocol CountedRequests: Sendable {
    /// Gives back what was counted for a request, once, and no later than `GatewayRequest.lifetime` after it was counted.
    /// A burst limit keeps its count: the request came all the same.
    ///
    /// - Parameters:
    ///   - requestID: the gateway's name of it.
    ///   - gateway: whose name is meant if several gateways of the service used the same.
    /// - Returns: how much; nil if there is nothing to give back.
    func giveBack(
        _ requestID: String, of service: ServiceID, preferring gateway: GatewayRequest.Gateway
    ) async throws -> Int?
}
