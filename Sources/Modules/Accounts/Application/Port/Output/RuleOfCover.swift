import AccountsDomain
import Shared

/// Nobody changes the account of somebody who may do more: it would take rights away that the caller does not have.
package protocol RuleOfCover: Sendable {
    /// Whether the caller may do all that a user may do on the whole platform. Answered from memory, without waiting:
    /// it is asked inside a unit of work, about a user whose row is locked.
    ///
    /// - Throws: `Unavailable` while this process does not hear of changes to roles.
    func mayAct(_ principal: Principal, on user: User) throws -> Bool
}
