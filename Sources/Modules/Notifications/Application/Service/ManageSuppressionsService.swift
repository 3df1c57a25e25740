import AccountsContract
import NotificationsDomain
import Shared

/// Addresses that get no mail, by hand. Whoever keeps mails from an account must have all that its owner may: those
/// that the account hangs on are among them.
package struct ManageSuppressionsService: Sendable {
    /// Who does it.
    package enum Author: Sendable {
        /// An operator at the command line, for whom everything is open anyway.
        case system
        /// - Parameter mayAct: whether they have all that somebody may; asked for the owner of the address.
        case staff(Principal, mayAct: @Sendable (UserStanding) throws -> Bool)
    }

    package enum Outcome<Value: Sendable & Equatable>: Sendable, Equatable {
        case done(Value)
        case permissionDenied
    }

    private let work: any NotificationsWork
    private let accounts: any AccountsFacade
    private let digester: any AddressDigester
    private let clock: any WallClock

    package init(
        work: any NotificationsWork, accounts: any AccountsFacade, digester: any AddressDigester, clock: any WallClock
    ) {
        self.work = work
        self.accounts = accounts
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
        _ address: EmailAddress, reason: String, by author: Author
    ) async throws -> Outcome<MailSuppression> {
        let (now, action) = (clock.now, "mail_suppression.added")
        guard try await covers(address, author, action) else { return .permissionDenied }
        let line = author.line(action, subject(address))
        return try await work.write { context in
            let known = try context.suppressions.find(address)
            if let known, known.isManual, known.reason == reason { return .done(known) }
            let suppression = MailSuppression(
                address: address, userID: known?.userID, reason: reason, isManual: true, createdAt: now)
            try context.suppressions.put(suppression)
            try context.audit(line)
            return .done(suppression)
        }
    }

    /// - Returns: whether there was one.
    package func remove(_ address: EmailAddress, by author: Author) async throws -> Outcome<Bool> {
        let action = "mail_suppression.removed"
        guard try await covers(address, author, action) else { return .permissionDenied }
        let line = author.line(action, subject(address))
        return try await work.write { context in
            guard try context.suppressions.remove(address) else { return .done(false) }
            try context.audit(line)
            return .done(true)
        }
    }

    /// An attempt without that is a line of the audit log.
    private func covers(_ address: EmailAddress, _ author: Author, _ action: String) async throws -> Bool {
        guard case .staff(let principal, let mayAct) = author, let owner = try await accounts.standing(at: address),
            try !mayAct(owner)
        else { return true }
        let subject = subject(address)
        try await work.write { context in
            try context.audit(.refused(action, because: "permission_denied", on: subject, by: principal))
        }
        return false
    }

    /// The audit log outlives what is known about people, so it has the digest and not the address.
    private func subject(_ address: EmailAddress) -> String {
        "mail_suppression:\(Base64URL.encode(digester.digest(address).bytes))"
    }
}

extension ManageSuppressionsService.Author {
    fileprivate func line(_ action: String, _ subject: String) -> AuditEntry {
        switch self {
        case .system: .done(action, by: "system", on: subject)
        case .staff(let principal, _): .done(action, on: subject, by: principal)
        }
    }
}
