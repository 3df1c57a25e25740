import AccessApplication
import AccessDomain
import HTTP
import Shared

/// Who may ask at a forward door: a gateway with a key for the service, or a peer that is trusted.
struct GatewayTrust: Sendable {
    static let keyHeader = "x-gapura-gateway"

    private let recognize: any RecognizeGateway
    private let addresses: ForwardedAddress

    init(recognize: any RecognizeGateway, gateways: [NetworkPrefix]) {
        self.recognize = recognize
        addresses = ForwardedAddress(trusted: gateways)
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
        addresses.isTrusted(request.peer) ? .peer(request.peer) : nil
    }

    /// Where the gateway's client is.
    func client(of request: Request) -> NetworkAddress { addresses.client(of: request) }
}
