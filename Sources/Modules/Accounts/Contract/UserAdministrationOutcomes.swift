package enum CreateUserOutcome: Sendable, Equatable {
    case created(UserRecord)
    case emailTaken
    case weakPassword(PasswordWeakness)
}

package enum UpdateUserOutcome: Sendable, Equatable {
    case updated(UserRecord)
    case unknownUser
    /// The last administrator cannot be deactivated.
    case lastAdministrator
}

package enum DeleteUserOutcome: Sendable, Equatable {
    case deleted
    case unknownUser
    case lastAdministrator
}

package enum BlockUserOutcome: Sendable, Equatable {
    case blocked(UserRecord)
    case unknownUser
    case lastAdministrator
    /// The end of the block is not in the future.
    case alreadyOver
}

package enum UnblockUserOutcome: Sendable, Equatable {
    case unblocked(UserRecord)
    case unknownUser
}

package enum SetAdministratorOutcome: Sendable, Equatable {
    case set(UserRecord)
    case unknownUser
    case lastAdministrator
}
