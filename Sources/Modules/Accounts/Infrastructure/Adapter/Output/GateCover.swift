import AccountsApplication
import AccountsContract
import AccountsDomain
import Authorization
import Shared

/// The rule of cover by the gate, which knows what roles give.
struct GateCover: RuleOfCover {
    let gate: any Gate

    func mayAct(_ principal: Principal, on user: User) throws -> Bool {
        try gate.mayAct(principal, on: user.id.value, isAdministrator: user.role == .admin)
    }
}
