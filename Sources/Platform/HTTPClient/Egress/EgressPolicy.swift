import Shared

/// Where requests may go. Pure: it knows addresses and ports, no names.
package struct EgressPolicy: Sendable, Equatable {
    package enum Refusal: String, Error, Sendable {
        case scheme, port, address
    }

    private let allowsPlainHTTP: Bool
    private let allowed: [NetworkPrefix]
    private let sandbox: FetchURL?

    /// - Parameters:
    ///   - allowsPlainHTTP: in development; else only `https`.
    ///   - allowed: networks of the operator's choice, at every port. An address that clouds give secrets at has to
    ///     be listed by itself: no larger network includes it.
    ///   - sandbox: what this process serves to itself in development: URLs of this scheme, host and port, at and below
    ///     this path, and no others, may lead to a loopback address.
    package init(allowsPlainHTTP: Bool = false, allowed: [NetworkPrefix] = [], sandbox: FetchURL? = nil) {
        self.allowsPlainHTTP = allowsPlainHTTP
        self.allowed = allowed
        self.sandbox = sandbox
    }

    /// What holds for the addresses of one URL.
    func applied(to url: FetchURL) -> EgressPolicy {
        guard let sandbox, url.origin == sandbox.origin,
            url.target == sandbox.target || url.target.hasPrefix("\(sandbox.target)/")
        else { return self }
        return EgressPolicy(allowsPlainHTTP: allowsPlainHTTP, allowed: allowed + Self.loopback)
    }

    private static let loopback = ["127.0.0.0/8", "::1"].compactMap(NetworkPrefix.init(text:))

    /// Of what a URL shows by itself; nil if nothing speaks against it yet.
    package func refusal(of url: FetchURL) -> Refusal? {
        guard url.isSecure || allowsPlainHTTP else { return .scheme }
        let policy = applied(to: url)
        switch url.host {
        case .address(let address): return policy.refusal(of: address, port: url.port)
        // The address decides: an allowed one may be asked at every port.
        case .name: return policy.allowed.isEmpty && !Self.isUsual(url.port) ? .port : nil
        }
    }

    /// Of one address that a name stands for.
    package func refusal(of address: NetworkAddress, port: Int) -> Refusal? {
        if allowed.contains(where: { $0.contains(address) && ($0.isSingle || !address.isMetadata) }) { return nil }
        guard address.isPublic, !address.isMetadata else { return .address }
        return Self.isUsual(port) ? nil : .port
    }

    /// Other services than the web's have the low ports.
    private static func isUsual(_ port: Int) -> Bool { port == 443 || port == 80 || port >= 1_024 }
}

extension EgressPolicy.Refusal {
    /// For a person, after the field's name.
    package var message: String {
        switch self {
        case .scheme: "must begin with https://"
        case .port: "must have port 443, 80 or one from 1024 on"
        case .address: "must not lead to a private or reserved address that EGRESS_ALLOW does not list"
        }
    }
}

extension NetworkPrefix {
    fileprivate var isSingle: Bool { length == (address.isIPv4 ? 32 : 128) }
}
