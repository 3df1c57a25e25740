/// What a session lacks for something grave: its person has to prove once more who they are.
package struct StepUpDemand: Sendable, Equatable {
    /// Whether it takes a second factor, because the account has one or must have one.
    package let needsSecondFactor: Bool
    /// How old a proof may be.
    package let maxAge: Duration

    package init(needsSecondFactor: Bool, maxAge: Duration) {
        self.needsSecondFactor = needsSecondFactor
        self.maxAge = maxAge
    }
}

/// Why a person with a right to write on the platform cannot use it yet.
package enum AdministrationObstacle: Sendable, Equatable {
    /// The account has no second factor and must have one.
    case enrolmentNeeded
    /// The session was opened without the second factor.
    case stepUpNeeded(StepUpDemand)
}
