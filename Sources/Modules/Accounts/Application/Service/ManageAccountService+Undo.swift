import AccountsContract
import AccountsDomain
import Shared

extension ManageAccountService {
    package func previewEmailUndo(_ token: String) async throws -> LinkPreview {
        let now = clock.now
        return try await work.read { try links.preview(token, .emailUndo, at: now, in: $0) }
    }

    /// Takes the account back for its old address: the password and everything that is under way end.
    package func undoEmailChange(_ token: String, client: ClientInfo) async throws -> UndoEmailChangeOutcome {
        let now = clock.now
        let resetID: ValidationID = identifiers.next()
        return try await work.write { context in
            switch try links.locate(token, .emailUndo, at: now, in: context) {
            case .refused(let refusal):
                return .refused(refusal)
            case .claimed(let link, var account):
                guard let address = link.address else { return .refused(.invalid) }
                if account.user.email != address {
                    guard try context.makeRoom(for: address, at: now) else { return .taken }
                }
                guard try context.validations.markUsed(link.id, at: now) else { return .refused(.invalid) }
                let userID = account.user.id
                // An earlier change may have been somebody else's too; a later one must not come back by its link.
                try context.validations.cancel(.emailUndo, of: userID, since: link.createdAt, at: now)
                // Whoever changed the address knew the password.
                let hadPassword = account.user.passwordHash != nil
                account.user.setPassword(hash: nil, at: now)
                account.user.changeEmail(to: address, at: now)
                // Whoever changed it may have left himself another way in.
                try context.removePasskeys(of: userID, addedSince: link.createdAt, by: .user(userID, client))
                try context.reclaim(&account.user, .emailUndone, at: now, by: .user(userID, client))
                try context.forgiveFailures(of: account.user)
                if hadPassword { try mailReset(resetID, to: account.user, at: now, in: context) }
                try context.tellChange(of: userID, at: now)
                try context.publish(UserUpdated(userID: userID))
                try context.audit(
                    .done(
                        "email.change_undone", by: "user:\(userID)", on: "user:\(userID)", personal: client.personal))
                return .undone(account, mailsReset: hadPassword)
            }
        }
    }

    private func mailReset(
        _ id: ValidationID, to user: User, at now: Timestamp, in context: any AccountsContext
    ) throws {
        try context.validations.insert(
            ValidationToken(
                id: id, userID: user.id, purpose: .reset, address: user.email, createdAt: now,
                expiresAt: now + linkLifetime))
        try context.publish(PasswordResetRequested(userID: user.id, validationID: id))
    }
}
