import AccountsApplication
import AccountsDomain
import Crypto
import Shared

/// Derives everything of a flow from the secret in its cookie, by HKDF: the store has nothing that opens anything.
struct DerivedFlowProtection: FlowProtection {
    func nonce(of flow: ProviderFlow) -> String { Base64URL.encode(derive("nonce", flow, count: 16).reveal()) }

    func verifier(of flow: ProviderFlow) -> Secret<String> {
        Secret(Base64URL.encode(derive("verifier", flow, count: 32).reveal()))
    }

    func digest(_ text: String) -> [UInt8] { SHA256.hash(Array(text.utf8)) }

    func seal(_ answer: [UInt8], for flow: ProviderFlow) throws -> [UInt8] {
        try key(of: flow).wrap(answer, boundTo: Self.place)
    }

    func open(_ sealed: [UInt8], for flow: ProviderFlow) throws -> [UInt8]? {
        do {
            return try key(of: flow).unwrap(sealed, boundTo: Self.place).reveal()
        } catch is UnwrapError {
            return nil
        }
    }

    private static let place = "social_flows/result"

    private func key(of flow: ProviderFlow) throws -> MasterKey {
        try MasterKey(keys: [derive("result", flow, count: MasterKey.byteCount)])
    }

    private func derive(_ purpose: String, _ flow: ProviderFlow, count: Int) -> Secret<[UInt8]> {
        HKDF.derive(
            from: flow.secret, salt: flow.state, info: Array("gapura/provider-flow/1/\(purpose)".utf8), count: count)
    }
}
