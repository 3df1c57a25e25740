import Shared

/// What other modules of the same process may use of Accounts.
package struct AccountsServices: Sendable {
    package let facade: any AccountsFacade
    package let users: any UserAdministration
    package let signing: any TokenSigning
    /// Whether Accounts hears of changes in time.
    package let isCurrent: @Sendable (_ now: Timestamp) -> Bool

    package init(
        facade: any AccountsFacade, users: any UserAdministration,
        signing: any TokenSigning, isCurrent: @escaping @Sendable (_ now: Timestamp) -> Bool
    ) {
        self.facade = facade
        self.users = users
        self.signing = signing
        self.isCurrent = isCurrent
    }
}
