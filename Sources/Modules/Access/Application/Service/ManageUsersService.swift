import AccessDomain
import AccountsContract
import Shared

package struct ManageUsersService: ManageUsers {
    private let work: any AccessWork
    private let users: any UserAdministration
    private let importer: any UserImporter

    package init(work: any AccessWork, users: any UserAdministration, importer: any UserImporter) {
        self.work = work
        self.users = users
        self.importer = importer
    }

    package func find(_ id: UserID) async throws -> UserRecord? { try await users.find(id) }

    package func search(_ filter: UserFilter, _ page: PageRequest) async throws -> Page<UserRecord> {
        try await users.search(filter, page)
    }

    package func create(_ command: CreateUserCommand) async throws -> CreateUserOutcome {
        try await users.create(command)
    }

    package func importUsers(_ command: ImportUsersCommand) async throws -> ImportReport {
        try await importer.importUsers(command)
    }

    package func update(
        _ command: UpdateUserCommand, by principal: Principal
    ) async throws -> ManageUserOutcome {
        if let refusal = try await refusal("user.updated", command.id, principal) { return refusal }
        return switch try await users.update(command) {
        case .updated(let user): .done(user)
        case .unknownUser: .unknown
        case .lastAdministrator: .lastAdministrator
        }
    }

    package func delete(_ id: UserID, by principal: Principal) async throws -> ManageUserOutcome {
        if let refusal = try await refusal("user.deleted", id, principal) { return refusal }
        return switch try await users.delete(id, by: principal) {
        case .deleted: .ended
        case .unknownUser: .unknown
        case .lastAdministrator: .lastAdministrator
        }
    }

    package func block(_ command: BlockUserCommand, by principal: Principal) async throws -> ManageUserOutcome {
        if let refusal = try await refusal("user.blocked", command.id, principal) { return refusal }
        return switch try await users.block(command) {
        case .blocked(let user): .done(user)
        case .unknownUser: .unknown
        case .lastAdministrator: .lastAdministrator
        case .alreadyOver: .blockIsOver
        }
    }

    package func unblock(_ id: UserID, by principal: Principal) async throws -> ManageUserOutcome {
        if let refusal = try await refusal("user.unblocked", id, principal) { return refusal }
        return switch try await users.unblock(id, by: principal) {
        case .unblocked(let user): .done(user)
        case .unknownUser: .unknown
        }
    }

    package func sessions(of id: UserID) async throws -> [UserSession]? { try await users.sessions(of: id) }

    package func endSessions(
        of id: UserID, _ session: SessionID?, by principal: Principal
    ) async throws -> ManageUserOutcome {
        if let refusal = try await refusal("session.revoked", id, principal) { return refusal }
        let isKnown =
            if let session {
                try await users.revokeSession(session, of: id, by: principal)
            } else {
                try await users.revokeSessions(of: id, by: principal) != nil
            }
        return isKnown ? .ended : .unknown
    }

    /// Nil if who acts may do all that the user may.
    private func refusal(
        _ action: String, _ id: UserID, _ principal: Principal
    ) async throws -> ManageUserOutcome? {
        guard let user = try await users.find(id) else { return .unknown }
        let rights = principal.permissions
        let isCovered = try await work.read { rights.covers(try $0.platformRights(of: user)) }
        if isCovered { return nil }
        try await work.write { context in
            try context.audit(
                .refused(
                    action, because: RoleRefusal.permissionDenied.rawValue, on: "user:\(id)", by: principal))
        }
        return .permissionDenied
    }
}
