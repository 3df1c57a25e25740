import Configuration
import Shared
import Testing

@testable import AccessInfrastructure

@Suite("The settings of Access")
struct AccessSettingsTests {
    private func settings(
        gateways: String? = nil, proxies: [String] = [], isProduction: Bool = true
    ) throws -> AccessSettings {
        let values = gateways.map { ["GATEWAYS": $0] } ?? [:]
        var reader = SettingsReader(values: values) { _ in "" }
        return AccessSettings(
            &reader, isProduction: isProduction,
            trustedProxies: try proxies.map { try #require(NetworkPrefix(text: $0)) })
    }

    @Test("a trusted proxy is no gateway; where no gateway is named, this machine is one outside production")
    func gateways() throws {
        let none = try settings(proxies: ["10.0.0.0/8"])
        #expect(none.gateways.isEmpty && none.warnings.count == 1)
        let named = try settings(gateways: "10.0.0.7, fd00::/8", proxies: ["10.0.0.0/8"])
        #expect(named.gateways.map(\.description) == ["10.0.0.7/32", "fd00::/8"] && named.warnings.isEmpty)
        #expect(named.trustedProxies.map(\.description) == ["10.0.0.0/8"])
        let development = try settings(proxies: ["10.0.0.0/8"], isProduction: false)
        #expect(development.gateways.map(\.description) == ["127.0.0.0/8", "::1/128"])
        #expect(try settings().warnings.isEmpty)
    }
}
