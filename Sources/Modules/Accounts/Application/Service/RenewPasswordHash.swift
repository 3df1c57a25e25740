import AccountsContract
import AccountsDomain
import Shared

/// Gives a password that was just right a new hash, if its hash is not made as new ones are.
struct RenewPasswordHash: Sendable {
    let work: any AccountsWork
    let hasher: any PasswordHasher

    /// - Parameter checkedHash: what the password was right for. Another one by now stays as it is.
    func callAsFunction(_ password: Secret<String>, of userID: UserID, checkedHash: String?) async {
        guard let checkedHash, hasher.needsRenewal(checkedHash, provedBy: password) else { return }
        do {
            let hash = try await hasher.hash(password)
            try await work.write { context in
                guard var account = try context.users.lock(userID), account.user.passwordHash == checkedHash
                else { return }
                account.user.passwordHash = hash
                try context.users.update(account.user)
            }
        } catch {
            // The sign-in is done and stays good; the next one tries again.
        }
    }
}
