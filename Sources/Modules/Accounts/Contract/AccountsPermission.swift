import Shared

/// What Accounts asks for. On the whole platform it comes from roles of the platform only.
package enum AccountsPermission {
    package static let usersRead = DeclaredPermission("users", "read", reach: .both)
    package static let usersWrite = DeclaredPermission("users", "write", reach: .both, isForKeys: false)
    /// Sign-in on behalf of people, for services.
    package static let act = DeclaredPermission("accounts", "act", reach: .platform)

    package static let all = [usersRead, usersWrite, act]
}
