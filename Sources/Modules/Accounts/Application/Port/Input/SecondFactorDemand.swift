import AccountsDomain
import Shared

/// What a client gets whose first step was right, to do the second.
package struct SecondFactorDemand: Sendable {
    /// Names the half-done sign-in; it opens nothing without the second step.
    package let token: Secret<String>
    /// Never empty.
    package let methods: [SecondFactorMethod]
    package let lifetime: Duration
    package let destination: SignInDestination

    package init(
        token: Secret<String>, methods: [SecondFactorMethod], lifetime: Duration, destination: SignInDestination
    ) {
        self.token = token
        self.methods = methods
        self.lifetime = lifetime
        self.destination = destination
    }
}
