import AccountsContract
import AccountsDomain
import Shared

extension ManageAccountService {
    /// - Parameter command: of somebody whose password or code was just right.
    func requestEmailChange(_ command: ChangeEmailCommand) async throws -> ChangeEmailOutcome {
        let userID = command.caller.userID
        let now = clock.now
        let id: ValidationID = identifiers.next()
        return try await work.write { context in
            guard try context.users.lock(userID) != nil, try context.isSignedIn(command.caller, at: now) else {
                return .signedOut
            }
            let sent = try context.validations.history(.emailChange, of: userID, since: now - .seconds(3_600))
            let isOnItsWay = sent.contains { link in
                link.address == command.email && link.state(at: now) == .open
                    && link.sessionID == command.caller.sessionID && now - link.createdAt < MailAllowance.interval
            }
            if isOnItsWay { return .mailed }
            if let delay = MailAllowance.delay(after: sent.map(\.createdAt), at: now) {
                return .tooManyMails(retryAfter: delay)
            }
            // Of two addresses the later one is meant; the mailbox of the other may be a stranger's.
            try context.validations.cancel(.emailChange, of: userID, since: nil, at: now)
            try context.validations.insert(
                ValidationToken(
                    id: id, userID: userID, purpose: .emailChange, address: command.email, createdAt: now,
                    expiresAt: now + linkLifetime, sessionID: command.caller.sessionID))
            try context.publish(EmailChangeRequested(userID: userID, validationID: id))
            try context.audit(
                .done(
                    "email.change_requested", by: "user:\(userID)", on: "user:\(userID)",
                    personal: command.client.personal))
            return .mailed
        }
    }

    package func previewEmailChange(_ token: String) async throws -> LinkPreview {
        let now = clock.now
        return try await work.read { try links.preview(token, .emailChange, at: now, in: $0) }
    }

    /// - Parameter caller: whose session gets new tokens; nil if the link is followed elsewhere.
    package func confirmEmailChange(
        _ token: String, caller: SessionCaller?, client: ClientInfo
    ) async throws -> ConfirmEmailChangeOutcome {
        let now = clock.now
        let undoID: ValidationID = identifiers.next()
        let confirmation: Confirmation = try await work.write { context in
            switch try links.locate(token, .emailChange, at: now, in: context) {
            case .refused(let refusal):
                return .refused(refusal)
            case .claimed(let link, var account):
                guard let address = link.address else { return .refused(.invalid) }
                guard try context.makeRoom(for: address, at: now) else { return .taken }
                guard try context.validations.markUsed(link.id, at: now) else { return .refused(.invalid) }
                let userID = account.user.id
                let old = account.user.email
                account.user.changeEmail(to: address, at: now)
                try context.users.update(account.user)
                // What was mailed to the old address must not open the account any more.
                try context.endPending(of: userID, at: now)
                try context.tellChange(of: userID, at: now)
                try context.validations.insert(
                    ValidationToken(
                        id: undoID, userID: userID, purpose: .emailUndo, address: old, createdAt: now,
                        expiresAt: now + ValidationToken.emailUndoLifetime))
                try context.publish(EmailChanged(userID: userID, validationID: undoID))
                try context.publish(UserUpdated(userID: userID))
                try context.audit(
                    .done("email.changed", by: "user:\(userID)", on: "user:\(userID)", personal: client.personal))
                guard let caller, caller.userID == userID, let session = try context.session(of: caller, at: now)
                else {
                    return .done(account, nil)
                }
                return .done(
                    account, try opener.renew(session, of: account, client, at: now, in: context))
            }
        }
        switch confirmation {
        case .refused(let refusal): return .refused(refusal)
        case .taken: return .taken
        case .done(let account, let renewal):
            return .changed(account, try renewal.map { try opener.finish($0, at: now) })
        }
    }

    private enum Confirmation: Sendable {
        case refused(LinkRefusal)
        case taken
        case done(Account, SessionOpener.Renewal?)
    }
}
