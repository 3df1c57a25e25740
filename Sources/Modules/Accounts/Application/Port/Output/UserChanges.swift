import AccountsContract

/// Tells of changes of people's standing, as `AccountsFacade.onUserChanged` says.
package protocol UserChanges: Sendable {
    func onUserChanged(_ listener: @escaping @Sendable (UserID) -> Void)
}
