import AccessContract
import AccessDomain
import AccountsContract
import Shared

/// Forgets what somebody has used, in every process within a second.
package struct ResetQuotaService: Sendable {
    private let work: any AccessWork
    private let users: any UserAdministration
    private let meter: any Meter
    private let clock: any WallClock

    /// - Parameter meter: forgets what is stored; those who have it in memory hear of it.
    package init(work: any AccessWork, users: any UserAdministration, meter: any Meter, clock: any WallClock) {
        self.work = work
        self.users = users
        self.meter = meter
        self.clock = clock
    }

    /// - Parameter subject: a user's id or e-mail address, `service_account:<id>`, or a network address for who is not
    ///   signed in.
    package func callAsFunction(_ subject: String) async throws -> ResetQuotaOutcome {
        let found = try await subjects(subject)
        guard !found.isEmpty else { return .unknown }
        let now = clock.now
        for subject in found { try await meter.reset(subject) }
        try await work.write { context in
            for subject in found { try context.changed(.usage(subject), at: now) }
            try context.audit(.done("quota.reset", by: "system", on: Self.name(of: found[0])))
        }
        return .reset(found)
    }

    private func subjects(_ text: String) async throws -> [MeterSubject] {
        if let id = UserID(text: text) { return try await users.find(id) == nil ? [] : [.user(id.value)] }
        let parts = text.split(separator: ":", maxSplits: 1)
        if parts.count == 2, parts[0] == "service_account", let id = ServiceAccountID(text: parts[1]) {
            return try await work.read { try $0.serviceAccounts.find(id) } == nil ? [] : [.serviceAccount(id)]
        }
        if let email = EmailAddress(text) {
            return try await users.find(email: email).map { [.user($0.id.value)] } ?? []
        }
        guard let address = NetworkAddress(text: text) else { return [] }
        let caller = AnonymousCaller(address: address, device: nil)
        return (0..<caller.shareCount).map { caller.share($0, perPrefix: 1).subject }
    }

    /// For the audit log, which knows no addresses beside its personal part.
    private static func name(of subject: MeterSubject) -> String? {
        switch subject {
        case .user(let id): "user:\(id)"
        case .tenant(let id): "tenant:\(id)"
        case .serviceAccount(let id): "service_account:\(id)"
        case .network, .device: nil
        }
    }
}
