import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import Shared
import TestSupport
import Testing

@Suite("What is given back of a request that was never served")
struct ReleaseRequestTests {
    /// Gives five units back for one name of one service.
    private struct Counted: CountedRequests {
        let service: ServiceID

        func giveBack(
            _ requestID: String, of service: ServiceID, preferring gateway: GatewayRequest.Gateway
        ) async throws -> Int? {
            service == self.service && requestID == "request-1" && gateway == .peer(.loopback) ? 5 : nil
        }
    }

    @Test("a name that was counted at the service, and nothing else", arguments: [
        ("request-1", "one", 5), ("request-2", "one", nil), ("request-1", "two", nil), ("short", "one", nil),
        ("with a space in it", "one", nil),
    ] as [(String, String, Int?)])
    func release(_ requestID: String, _ service: String, _ amount: Int?) async throws {
        let scene = DecisionScene()
        let one = try scene.addService()
        let release = ReleaseRequestService(services: scene.services, counted: Counted(service: one.id))
        #expect(try await release(requestID, service: service, by: .peer(.loopback)) == amount)
    }
}
