import AccessDomain

/// Gives back what was counted for a request that was never served.
package struct ReleaseRequestService: Sendable {
    private let services: any ServiceDirectory
    private let counted: any CountedRequests

    package init(services: any ServiceDirectory, counted: any CountedRequests) {
        self.services = services
        self.counted = counted
    }

    /// - Parameters:
    ///   - requestID: the name by which it was counted.
    ///   - gateway: who asks, and may ask about the service.
    /// - Returns: how much was given back; nil if nothing was counted under that name, or too long ago, or it was given
    ///   back before.
    package func callAsFunction(
        _ requestID: String, service: String, by gateway: GatewayRequest.Gateway
    ) async throws -> Int? {
        guard GatewayRequest.isID(requestID), let service = services.service(service) else { return nil }
        return try await counted.giveBack(requestID, of: service.id, preferring: gateway)
    }
}
