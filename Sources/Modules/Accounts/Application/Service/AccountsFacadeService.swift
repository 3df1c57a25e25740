import AccountsContract
import AccountsDomain
import Shared

/// Answers other modules.
package struct AccountsFacadeService: AccountsFacade {
    private let work: any AccountsWork
    private let signer: any ValidationTokenSigner
    private let links: any AccountsLinks
    private let clock: any WallClock

    package init(
        work: any AccountsWork, signer: any ValidationTokenSigner, links: any AccountsLinks, clock: any WallClock
    ) {
        self.work = work
        self.signer = signer
        self.links = links
        self.clock = clock
    }

    package func verificationMail(for id: ValidationID) async throws -> VerificationMail? {
        let now = clock.now
        let found: (ValidationToken, User)? = try await work.read { context in
            guard let token = try context.validations.find(id), token.purpose == .verify,
                token.state(at: now) == .open, let userID = token.userID,
                let user = try context.users.find(userID)?.user, !user.isVerified
            else { return nil }
            return (token, user)
        }
        guard let (token, user) = found, let recipient = token.address else { return nil }
        return VerificationMail(
            userID: user.id, recipient: recipient, locale: user.locale,
            link: links.verification(token: signer.text(of: token)), createdAt: token.createdAt,
            expiresAt: token.expiresAt)
    }
}
