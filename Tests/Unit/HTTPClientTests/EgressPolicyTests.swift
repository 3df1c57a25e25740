import Shared
import TestSupport
import Testing

@testable import HTTPClient

@Suite("Where requests may go")
struct EgressPolicyTests {
    private func refusal(
        _ text: String, _ policy: EgressPolicy = EgressPolicy(), port: Int = 443
    ) throws
        -> EgressPolicy.Refusal?
    {
        policy.refusal(of: try #require(NetworkAddress(text: text)), port: port)
    }

    @Test(
        "no address of one's own network, in no disguise",
        arguments: [
            "0.0.0.0", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.169.254",
            "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.0.1", "198.18.0.1", "198.51.100.1",
            "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16",
            "::", "::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1",
            "2001::1", "2001:db8::1", "2002:a00:1::1", "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1",
            "ff02::1", "100::1", "4000::1",
        ])
    func refused(text: String) throws {
        #expect(try refusal(text) == .address)
    }

    @Test(
        "every address of the internet",
        arguments: [
            "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1",
            "198.17.0.1", "198.20.0.1", "223.255.255.255", "2606:4700::1", "2a00:1450::1", "2001:4860::1",
            "::ffff:8.8.8.8",
        ])
    func allowed(text: String) throws {
        #expect(try refusal(text) == nil)
    }

    @Test(
        "only the web's ports and the high ones",
        arguments: [(80, true), (443, true), (1_024, true), (8_443, true)]
            + [1, 22, 25, 53, 587, 993, 1_023].map { ($0, false) })
    func ports(port: Int, isAllowed: Bool) throws {
        #expect((try refusal("8.8.8.8", port: port) == nil) == isAllowed)
    }

    @Test("networks that the operator lists, at every port, but no address of a cloud's credentials by the way")
    func listed() throws {
        let networks = ["10.0.0.0/8", "169.254.0.0/16", "fd00::/8", "::1"].compactMap { NetworkPrefix(text: $0) }
        let policy = EgressPolicy(allowed: networks)
        #expect(try refusal("10.1.2.3", policy, port: 25) == nil)
        #expect(try refusal("::1", policy) == nil)
        #expect(try refusal("169.254.1.1", policy) == nil)
        #expect(try refusal("169.254.169.254", policy) == .address)
        #expect(try refusal("fd00:ec2::254", policy) == .address)
        #expect(try refusal("192.168.0.1", policy) == .address)
        let byItself = EgressPolicy(allowed: [try #require(NetworkPrefix(text: "169.254.169.254"))])
        #expect(try refusal("169.254.169.254", byItself) == nil)
    }

    @Test("https, and http in development only")
    func schemes() throws {
        let url = try FetchURL("http://example.com/")
        #expect(EgressPolicy().refusal(of: url) == .scheme)
        #expect(EgressPolicy(allowsPlainHTTP: true).refusal(of: url) == nil)
        #expect(EgressPolicy().refusal(of: try FetchURL("https://example.com/")) == nil)
        #expect(EgressPolicy().refusal(of: try FetchURL("https://example.com:25/")) == .port)
        #expect(EgressPolicy().refusal(of: try FetchURL("https://10.0.0.1/")) == .address)
    }

    @Test("the sandbox of this process, at its own origin and path, and nothing else of this machine")
    func sandbox() throws {
        let place = try FetchURL("http://localhost:8080/dev/identity")
        let policy = EgressPolicy(allowsPlainHTTP: true, sandbox: place)
        func refusal(_ text: String) throws -> EgressPolicy.Refusal? {
            let url = try FetchURL(text)
            return policy.refusal(of: url) ?? policy.applied(to: url).refusal(of: .loopback, port: url.port)
        }
        #expect(try refusal("http://localhost:8080/dev/identity") == nil)
        #expect(try refusal("http://localhost:8080/dev/identity/token") == nil)
        for other in [
            "http://localhost:8080/dev/identityx", "http://localhost:8080/register",
            "http://localhost:8081/dev/identity",
            "http://127.0.0.1:8080/dev/identity", "https://localhost:8080/dev/identity",
            "http://evil.example:8080/dev/identity",
        ] {
            #expect(try refusal(other) == .address, "\(other)")
        }
        let private10 = try #require(NetworkAddress(text: "10.0.0.1"))
        #expect(policy.applied(to: place).refusal(of: private10, port: 8_080) == .address)
    }
}

@Suite("A circuit breaker")
struct CircuitBreakerTests {
    @Test("lets one request through after the pause, and the others wait for it")
    func halfOpen() throws {
        let clock = ManualClock()
        let breaker = CircuitBreaker(failuresMax: 2, pause: .seconds(10), clock: clock)
        breaker.failed("a")
        try breaker.admit("a")
        breaker.failed("a")
        #expect(throws: FetchFailure.self) { try breaker.admit("a") }
        try breaker.admit("b")
        clock.advance(by: .seconds(10))
        try breaker.admit("a")
        #expect(throws: FetchFailure.self) { try breaker.admit("a") }
        breaker.failed("a")
        clock.advance(by: .seconds(9))
        #expect(throws: FetchFailure.self) { try breaker.admit("a") }
        clock.advance(by: .seconds(1))
        try breaker.admit("a")
        breaker.abandoned("a")
        try breaker.admit("a")
        breaker.succeeded("a")
        try breaker.admit("a")
        try breaker.admit("a")
    }
}
