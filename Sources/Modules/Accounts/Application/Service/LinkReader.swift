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
}
