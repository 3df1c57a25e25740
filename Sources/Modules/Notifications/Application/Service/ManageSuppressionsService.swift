import NotificationsDomain
import Shared

/// Addresses that get no mail, by hand.
package struct ManageSuppressionsService: Sendable {
    private let work: any NotificationsWork
    private let digester: any AddressDigester
    private let clock: any WallClock

    /// Makes a line of the audit log.
    package typealias Audit = @Sendable (_ action: String, _ subject: String) -> AuditEntry

    package init(work: any NotificationsWork, digester: any AddressDigester, clock: any WallClock) {
        self.work = work
        self.digester = digester
        self.clock = clock
    }

    /// By the address.
    package func list(_ part: PageRequest<ByName>) async throws -> Page<MailSuppression, ByName> {
        try await work.read { try $0.suppressions.list(part) }
    }

    /// From now on the address gets nothing, be it needed for signing in, until it is taken back.
    ///
    /// - Parameter reason: for staff.
    package func add(
        _ address: EmailAddress, reason: String, audit: @escaping Audit
    ) async throws -> MailSuppression {
        let (now, subject) = (clock.now, subject(address))
        return try await work.write { context in
            let known = try context.suppressions.find(address)
            if let known, known.isManual, known.reason == reason { return known }
            let suppression = MailSuppression(
                address: address, userID: known?.userID, reason: reason, isManual: true, createdAt: now)
            try context.suppressions.put(suppression)
            try context.audit(audit("mail_suppression.added", subject))
            return suppression
        }
    }

    /// - Returns: false if there is none.
    package func remove(
        _ address: EmailAddress, audit: @escaping Audit
    ) async throws -> Bool {
        let subject = subject(address)
        return try await work.write { context in
            guard try context.suppressions.remove(address) else { return false }
            try context.audit(audit("mail_suppression.removed", subject))
            return true
        }
    }

    /// The audit log outlives what is known about people, so it has the digest and not the address.
    private func subject(_ address: EmailAddress) -> String {
        "mail_suppression:\(Base64URL.encode(digester.digest(address).bytes))"
    }
}
