import AccessApplication
import AccessDomain
import HTTP
import Shared

/// Who may ask at a forward door: a gateway with a key for the service, or a peer in `GATEWAYS`. To be a trusted proxy
/// is not enough: a balancer in front of Gapura lets everybody through to this door.
struct GatewayTrust: Sendable {
    static let keyHeader = "x-gapura-gateway"

    private let recognize: any RecognizeGateway
    private let gateways: [NetworkPrefix]
    private let addresses: ForwardedAddress

    /// - Parameter proxies: between the visitors and the gateways.
    init(
        recognize: any RecognizeGateway, gateways: [NetworkPrefix], proxies: [NetworkPrefix], clock: any WallClock,
        logger: Logger
    ) {
        self.recognize = recognize
        self.gateways = gateways
        addresses = ForwardedAddress(trusted: gateways + proxies, clock: clock, logger: logger)
    }

    /// A key that is there must be good, also from a trusted peer. An empty header is none: some proxies cannot leave
    /// one out.
    ///
    /// - Returns: nil for nobody whom we know.
    func gateway(of request: Request, for service: String) async throws -> GatewayRequest.Gateway? {
        guard let value = request.headers.bytes(of: Self.keyHeader), !value.isEmpty else { return peer(of: request) }
        guard let key = Self.key(of: request), case .recognized(let id) = try await recognize(key: key, for: service)
        else { return nil }
        return .key(id)
    }

    /// The same from memory; nil also if the store has to be asked.
    func recall(_ request: Request, for service: String) -> GatewayRequest.Gateway? {
        guard let value = request.headers.bytes(of: Self.keyHeader), !value.isEmpty else { return peer(of: request) }
        guard let key = Self.key(of: request), case .recognized(let id)? = recognize.recall(key: key, for: service)
        else { return nil }
        return .key(id)
    }

    private static func key(of request: Request) -> String? {
        request.headers.count(of: keyHeader) == 1 ? request.headers[keyHeader] : nil
    }

    private func peer(of request: Request) -> GatewayRequest.Gateway? {
        gateways.contains { $0.contains(request.peer) } ? .peer(request.peer) : nil
    }

    /// Where the gateway's client is.
    func client(of request: Request) -> NetworkAddress { addresses.client(of: request) }
}
