import AccountsContract
import AccountsDomain
import Shared

/// Answers other modules.
package struct AccountsFacadeService: AccountsFacade {
    private let work: any AccountsWork
    private let signer: any ValidationTokenSigner
    private let links: any AccountsLinks
    private let authenticate: any Authenticate
    private let changes: any UserChanges
    private let stepUp: StepUp
    private let administration: AdministrationPolicy
    private let clock: any WallClock

    package init(
        work: any AccountsWork, signer: any ValidationTokenSigner, links: any AccountsLinks,
        authenticate: any Authenticate, changes: any UserChanges, stepUp: StepUp, administration: AdministrationPolicy,
        clock: any WallClock
    ) {
        self.work = work
        self.signer = signer
        self.links = links
        self.authenticate = authenticate
        self.changes = changes
        self.stepUp = stepUp
        self.administration = administration
        self.clock = clock
    }

    package func linkMail(for id: ValidationID) async throws -> LinkMail? {
        guard let (token, user) = try await openToken(id), let address = token.address,
            let link = link(of: token)
        else { return nil }
        // A proved address needs no second proof.
        if token.purpose == .verify, user.isVerified { return nil }
        return LinkMail(
            recipient: recipient(user, address), link: link, createdAt: token.createdAt, expiresAt: token.expiresAt)
    }

    package func signInCodeMail(for id: SignInCodeID) async throws -> SignInCodeMail? {
        let now = clock.now
        let code = try await work.read { try $0.signInCodes.find(id) }
        guard let code, code.isOpen(at: now), let (token, user) = try await openToken(ValidationID(id.value)),
            let link = link(of: token)
        else { return nil }
        return SignInCodeMail(
            recipient: recipient(user, code.address), code: signer.digits(of: code), link: link,
            createdAt: code.createdAt, expiresAt: code.expiresAt)
    }

    package func emailChangeNotice(for id: ValidationID) async throws -> NoticeMail? {
        guard let (token, user) = try await openToken(id), token.purpose == .emailChange else { return nil }
        return NoticeMail(recipient: recipient(user, user.email))
    }

    package func notice(to id: UserID) async throws -> NoticeMail? {
        guard let user = try await work.read({ try $0.users.find(id) })?.user else { return nil }
        return NoticeMail(recipient: recipient(user, user.email))
    }

    package func owner(accessToken: String) async throws -> TokenOwner? {
        try await authenticate.owner(accessToken: accessToken)
    }

    package func recallOwner(accessToken: String, at now: Timestamp) -> MemoryLookup<TokenOwner> {
        authenticate.recallOwner(accessToken: accessToken, at: now)
    }

    package func standing(of id: UserID) async throws -> UserStanding? {
        try await work.read { try $0.users.find(id)?.user.standing }
    }

    package func standing(at address: EmailAddress) async throws -> UserStanding? {
        try await work.read { try $0.users.find(email: address)?.user.standing }
    }

    package func stepUpDemand(of caller: SessionCaller, carriesProof: Bool) async throws -> StepUpDemand? {
        try await stepUp.demand(of: caller, carriesProof: carriesProof)
    }

    package func administrationObstacle(for caller: SessionCaller) async throws -> AdministrationObstacle? {
        try await administration.obstacle(for: caller)
    }

    package func onUserChanged(_ listener: @escaping @Sendable (UserID) -> Void) {
        changes.onUserChanged(listener)
    }

    private func openToken(_ id: ValidationID) async throws -> (ValidationToken, User)? {
        let now = clock.now
        return try await work.read { context in
            guard let token = try context.validations.find(id), token.state(at: now) == .open,
                let userID = token.userID, let user = try context.users.find(userID)?.user,
                try token.address.map({ try !context.isQuiet($0, for: user, at: now) }) ?? true
            else { return nil }
            return (token, user)
        }
    }

    private func link(of token: ValidationToken) -> String? {
        let text = signer.text(of: token)
        return switch token.purpose {
        case .verify: links.verification(token: text)
        case .reset: links.newPassword(token: text)
        case .magicLink: links.magicLink(token: text)
        case .emailChange: links.emailChange(token: text)
        case .emailUndo: links.emailUndo(token: text)
        case .mfaReset: links.factorReset(token: text)
        case .reactivate: links.reactivation(token: text)
        // Printed, never mailed.
        case .administrator: nil
        }
    }

    private func recipient(_ user: User, _ address: EmailAddress) -> MailRecipient {
        MailRecipient(userID: user.id, address: address, locale: user.locale)
    }
}
