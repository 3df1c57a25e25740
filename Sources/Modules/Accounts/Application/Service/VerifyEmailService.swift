import AccountsContract
import AccountsDomain
import Shared

package struct VerifyEmailService: VerifyEmail {
    private let work: any AccountsWork
    private let links: LinkReader
    private let clock: any WallClock

    package init(work: any AccountsWork, signer: any ValidationTokenSigner, clock: any WallClock) {
        self.work = work
        links = LinkReader(signer: signer)
        self.clock = clock
    }

    package func preview(_ token: String) async throws -> VerifyEmailPreview {
        let now = clock.now
        return try await work.read { context in
            switch try links.read(token, purpose: .verify, at: now, in: context) {
            case .open(let validation):
                guard let account = try validation.userID.flatMap(context.users.find) else {
                    return .refused(.invalid)
                }
                return account.user.isVerified ? .alreadyVerified(account) : .open(account)
            case .used(let validation):
                guard let account = try validation.userID.flatMap(context.users.find), account.user.isVerified else {
                    return .refused(.invalid)
                }
                return .alreadyVerified(account)
            case .refused(let refusal):
                return .refused(refusal)
            }
        }
    }

    package func callAsFunction(_ token: String, client: ClientInfo) async throws -> VerifyEmailOutcome {
        let now = clock.now
        return try await work.write { context in
            switch try links.claim(token, .verify, at: now, in: context) {
            case .refused(let refusal):
                return .refused(refusal)
            case .claimed(_, var account):
                guard !account.user.isVerified else { return .verified(account) }
                let userID = account.user.id
                account.user.verify(at: now)
                try context.users.update(account.user)
                try context.tellChange(of: userID, at: now)
                try context.publish(UserVerified(userID: userID))
                try context.audit(
                    .done("user.verified", by: "user:\(userID)", on: "user:\(userID)", personal: client.personal))
                return .verified(account)
            }
        }
    }

    package func decline(_ token: String, client: ClientInfo) async throws -> DeclineOutcome {
        let now = clock.now
        return try await work.write { context in
            switch try links.claim(token, .verify, at: now, in: context) {
            case .refused(let refusal):
                return .refused(refusal)
            case .claimed(_, let account):
                // A proved account belongs to somebody; its owner deletes it after signing in.
                guard !account.user.isVerified else { return .refused(.invalid) }
                let userID = account.user.id
                try context.users.delete(userID)
                try context.tellChange(of: userID, at: now)
                try context.publish(UserDeleted(userID: userID))
                try context.audit(
                    .done("user.declined", by: "address_owner", on: "user:\(userID)", personal: client.personal))
                return .deleted(account.user.email)
            }
        }
    }
}
