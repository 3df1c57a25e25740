import AccessContract
import Shared

/// Whose use is counted.
package enum MeterSubject: Sendable, Hashable {
    case user(Identifier)
    case tenant(TenantID)
    case serviceAccount(ServiceAccountID)
    /// Nobody signed in, by where he comes from.
    case network(NetworkPrefix)
    /// Nobody signed in, by the signed cookie of the device.
    case device(Identifier)
}

extension EntitlementSubject {
    /// Who is counted: a tenant's plan is one pool for all its members.
    package var meter: MeterSubject {
        switch self {
        case .user(let user): .user(user)
        case .tenant(let tenant): .tenant(tenant)
        case .serviceAccount(let account): .serviceAccount(account)
        }
    }
}

/// Whose use of what is counted. The day, the month and what else there is are counters of one key.
package struct MeterKey: Sendable, Hashable {
    package let subject: MeterSubject
    /// Nil for all services together.
    package let service: ServiceID?

    package init(_ subject: MeterSubject, service: ServiceID? = nil) {
        self.subject = subject
        self.service = service
    }
}

/// Somebody who is not signed in, as the counters know him. All of his counters must have room, so that another
/// cookie, none at all, or another address of the same network gives nothing.
package struct AnonymousCaller: Sendable, Hashable {
    /// One counter of an anonymous caller.
    package struct Share: Sendable, Hashable {
        package let subject: MeterSubject
        /// So many times the plan's amount.
        package let factor: Int
    }

    /// How many times a /64 an IPv6 /56 and a /48 may use.
    package static let ceilings: [(length: Int, factor: Int)] = [(56, 8), (48, 32)]

    package let address: NetworkAddress
    /// Of a device cookie whose signature is right; else nil.
    package let device: Identifier?

    package init(address: NetworkAddress, device: Identifier?) {
        self.address = address
        self.device = device
    }

    /// The IPv4 address or the IPv6 /64.
    package var network: MeterSubject { .network(address.limitPrefix) }

    /// How many shares there are: 1 to 4.
    package var shareCount: Int { 1 + (address.isIPv4 ? 0 : Self.ceilings.count) + (device == nil ? 0 : 1) }

    /// The network first, then the wider ones, the device last. Allocates nothing.
    ///
    /// - Parameters:
    ///   - index: 0 to below `shareCount`.
    ///   - perPrefix: `ANONYMOUS_PER_PREFIX`: how many times the plan's amount one network has, at least 1.
    package func share(_ index: Int, perPrefix: Int) -> Share {
        let perPrefix = max(1, perPrefix)
        if index == 0 { return Share(subject: network, factor: perPrefix) }
        if !address.isIPv4, index <= Self.ceilings.count {
            let ceiling = Self.ceilings[index - 1]
            return Share(subject: .network(address.prefix(ceiling.length)), factor: ceiling.factor * perPrefix)
        }
        return device.map { Share(subject: .device($0), factor: 1) } ?? Share(subject: network, factor: perPrefix)
    }
}
