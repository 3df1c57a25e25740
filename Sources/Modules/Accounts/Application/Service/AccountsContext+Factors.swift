import AccountsContract
import AccountsDomain
import Shared

extension AccountsContext {
    /// The ways to do the second step of a sign-in to this account; empty if it has no factor, and so no second step.
    func secondStepMethods(of user: User) throws -> [SecondFactorMethod] {
        var methods: [SecondFactorMethod] = []
        if try totpFactors.all(of: user.id).contains(where: \.isConfirmed) { methods.append(.totp) }
        if user.asksForPasskey { methods.append(.passkey) }
        // A recovery code takes the place of a factor and is none.
        if !methods.isEmpty, try recoveryCodes.left(of: user.id) > 0 { methods.append(.recoveryCode) }
        return methods
    }

    func hasFactor(_ user: User) throws -> Bool { try !secondStepMethods(of: user).isEmpty }

    /// Takes every factor from an account, with what takes its place and what waits for it. Sessions stay.
    ///
    /// - Parameter user: locked; updated in place and in the store.
    func removeFactors(of user: inout User, at now: Timestamp) throws {
        try totpFactors.deleteAll(of: user.id)
        try recoveryCodes.replaceAll(of: user.id, by: [])
        try mfaChallenges.cancelAll(of: user.id, at: now)
        _ = try mfaResets.delete(of: user.id)
        guard user.asksForPasskey else { return }
        user.asksForPasskey = false
        try users.update(user)
    }
}
