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
        /// Used up now; the account is locked.
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
        case .open: return .open(token)
        case .used: return .used(token)
        case .expired: return .refused(.expired)
        }
    }

    /// Uses the link of an account up. The account is locked before the link is marked, so that of two at once one
    /// wins. A link that was mailed to another address than the account's is worth nothing, unless it changes it.
    func claim(
        _ text: String, _ purpose: ValidationToken.Purpose, at now: Timestamp, in context: any AccountsContext
    ) throws -> Claim {
        switch try read(text, purpose: purpose, at: now, in: context) {
        case .refused(let refusal): return .refused(refusal)
        case .used: return .refused(.invalid)
        case .open(let token):
            guard let userID = token.userID, let account = try context.users.lock(userID),
                purpose == .emailChange || token.address == account.user.email,
                try context.validations.markUsed(token.id, at: now)
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
