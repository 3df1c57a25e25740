import AccountsDomain
import Shared

/// Compares a password with an account's, however it is asked for: counted as wrong in the transaction that looks at
/// the limits, before the hash, and ended in the transaction that uses what came out.
struct CheckPassword: Sendable {
    let work: any AccountsWork
    let hasher: any PasswordHasher
    let clock: any WallClock

    enum Verdict {
        /// - Parameter account: locked.
        case right(Account)
        /// - Parameter user: whose password it is not; nil if there is nobody.
        case wrong(User?)
    }

    enum Outcome<Value: Sendable>: Sendable {
        case ended(Value)
        /// Nothing was compared.
        case refused(retryAfter: Duration)
    }

    private enum Step<Value: Sendable>: Sendable {
        case ended(Value)
        /// The account has another hash by now.
        case again(User)
    }

    /// - Parameters:
    ///   - user: whose password it should be; nobody costs as much.
    ///   - address: if nobody has it, or nobody's password, as much as with some account's hash: imported ones cost more
    ///     or less than ours, and the time must not tell who is there. Nil where it tells nobody anything new.
    ///   - end: ends the attempt and does what follows from it.
    func callAsFunction<Value: Sendable>(
        _ password: Secret<String>, limits: [CountedAttempt.Limit],
        of user: @escaping @Sendable (any AccountsContext) throws -> User?, at address: EmailAddress? = nil,
        end: @escaping @Sendable (Verdict, CountedAttempt, Timestamp, any AccountsContext) throws -> Value
    ) async throws -> Outcome<Value> {
        let (start, hasher) = (clock.now, hasher)
        let begun = try await work.write { context in
            let user = try user(context)
            // Looked up for those who are there too, which takes its time.
            let other = try address.flatMap { try context.users.passwordHash(at: hasher.place(of: $0)) }
            return (
                user: user, other: other,
                admission: try CountedAttempt.begin(limits, at: start, in: context.signInFailures)
            )
        }
        let attempt: CountedAttempt
        switch begun.admission {
        case .refused(let delay): return .refused(retryAfter: delay)
        case .counted(let counted): attempt = counted
        }
        return .ended(
            try await compare(password, with: begun.user, or: begun.other, attempt, mayRepeat: true, end: end))
    }

    private func compare<Value: Sendable>(
        _ password: Secret<String>, with user: User?, or other: String?, _ attempt: CountedAttempt, mayRepeat: Bool,
        end: @escaping @Sendable (Verdict, CountedAttempt, Timestamp, any AccountsContext) throws -> Value
    ) async throws -> Value {
        let isRight = try await isRight(password, user?.passwordHash, or: other, attempt)
        let now = clock.now
        let step: Step<Value> = try await work.write { context in
            guard isRight, let user, let account = try context.users.lock(user.id) else {
                return .ended(try end(.wrong(user), attempt, now, context))
            }
            // Read again under the lock: the password may have changed while its hash was computed.
            if account.user.passwordHash == user.passwordHash {
                return .ended(try end(.right(account), attempt, now, context))
            }
            return mayRepeat ? .again(account.user) : .ended(try end(.wrong(user), attempt, now, context))
        }
        switch step {
        case .ended(let value):
            return value
        case .again(let user):
            // A sign-in on another device may have renewed the hash; then the password is still right.
            return try await compare(password, with: user, or: other, attempt, mayRepeat: false, end: end)
        }
    }

    /// - Parameter other: somebody else's hash, for the time that it takes.
    private func isRight(
        _ password: Secret<String>, _ hash: String?, or other: String?, _ attempt: CountedAttempt
    ) async throws -> Bool {
        do {
            let isMatch = try await hasher.verify(password, against: hash ?? other)
            return hash != nil && isMatch
        } catch {
            // Nothing was compared, so nothing has failed. If the store does not take this either, it stays a failure.
            try? await work.write { try attempt.takeBack(in: $0.signInFailures) }
            throw error
        }
    }
}
