/// Where a sign-in goes once it is done. It is kept while a second step is due.
package struct SignInDestination: Sendable, Equatable {
    /// How the client gets the tokens.
    package enum Delivery: String, Sendable {
        case cookies
        /// In the answer, for a client that keeps them itself.
        case body
    }

    package let delivery: Delivery
    /// Where the browser goes then; checked before it comes here, and to be checked again when it is used.
    package let returnTo: String?

    package init(delivery: Delivery = .cookies, returnTo: String? = nil) {
        self.delivery = delivery
        self.returnTo = returnTo
    }
}
