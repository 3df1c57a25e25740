import AccountsContract
import AccountsDomain
import Shared

/// Finds what a link's text stands for, and whether it is genuine.
struct LinkReader: Sendable {
    enum Reading {
        case open(ValidationToken)
        case used(ValidationToken)
        case refused(LinkRefusal)
    }

    enum Claim {
        /// The account is locked.
        case claimed(ValidationToken, Account)
        case refused(LinkRefusal)
    }

    let signer: any ValidationTokenSigner

    func read(
        _ text: String, purpose: ValidationToken.Purpose, at now: Timestamp, in context: any AccountsContext
    ) throws -> Reading {
        guard let id = signer.id(in: text), let token = try context.validations.find(id), token.purpose == purpose,
            signer.isGenuine(text, for: token)
        else { return .refused(.invalid) }
        switch token.state(at: now) {
        case .open:
            guard let sessionID = token.sessionID else { return .open(token) }
            guard try context.sessions.find(sessionID)?.isAlive(at: now) == true else { return .refused(.invalid) }
            return .open(token)
        case .used: return .used(token)
        case .expired: return .refused(.expired)
        }
    }

    /// Uses the link of an account up. The account is locked before the link is marked, so that of two at once one
    /// wins.
    func claim(
        _ text: String, _ purpose: ValidationToken.Purpose, at now: Timestamp, in context: any AccountsContext
    ) throws -> Claim {
        let claim = try locate(text, purpose, at: now, in: context)
        if case .claimed(let token, _) = claim, try !context.validations.markUsed(token.id, at: now) {
            return .refused(.invalid)
        }
        return claim
    }

    /// Finds the account of a link and locks it, and leaves the link to be marked as used. A link that was mailed to
    /// another address than the account's is worth nothing, unless it changes it.
    func locate(
        _ text: String, _ purpose: ValidationToken.Purpose, at now: Timestamp, in context: any AccountsContext
    ) throws -> Claim {
        switch try read(text, purpose: purpose, at: now, in: context) {
        case .refused(let refusal): return .refused(refusal)
        case .used: return .refused(.invalid)
        case .open(let token):
            guard let userID = token.userID, let account = try context.users.lock(userID),
                purpose == .emailChange || purpose == .emailUndo || token.address == account.user.email,
                // Read again under the lock: another request may have used it up meanwhile.
                try context.validations.find(token.id)?.usedAt == nil
            else { return .refused(.invalid) }
            return .claimed(token, account)
        }
    }

    func preview(
        _ text: String, _ purpose: ValidationToken.Purpose, at now: Timestamp, in context: any AccountsContext
    ) throws -> LinkPreview {
        switch try read(text, purpose: purpose, at: now, in: context) {
        case .refused(let refusal): return .refused(refusal)
        case .used: return .refused(.invalid)
        case .open(let token): return token.address.map { .open(address: $0) } ?? .refused(.invalid)
        }
    }
}
