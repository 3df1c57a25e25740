import AccountsContract
import AccountsDomain
import Shared

/// What a signed-in person changes about his own account.
package protocol ManageAccount: Sendable {
    /// Ends the other sessions.
    func changePassword(_ command: ChangePasswordCommand) async throws -> ChangePasswordOutcome
    /// Mails a link to the new address, which changes nothing until it is confirmed, and a notice to the old one.
    func changeEmail(_ command: ChangeEmailCommand) async throws -> ChangeEmailOutcome
    func previewEmailChange(_ token: String) async throws -> LinkPreview
    func confirmEmailChange(_ token: String, client: ClientInfo) async throws -> ConfirmEmailChangeOutcome
    /// Ends all sessions.
    func deactivate(_ caller: Caller, client: ClientInfo) async throws -> DeactivateOutcome
}

package struct ChangePasswordCommand: Sendable {
    package let caller: Caller
    package let current: Secret<String>
    package let new: Password
    package let client: ClientInfo

    package init(caller: Caller, current: Secret<String>, new: Password, client: ClientInfo) {
        self.caller = caller
        self.current = current
        self.new = new
        self.client = client
    }
}

package enum ChangePasswordOutcome: Sendable, Equatable {
    case changed
    case refused(ConfirmationRefusal)
    case weak(Password.Weakness)
}

package struct ChangeEmailCommand: Sendable {
    package let caller: Caller
    package let email: EmailAddress
    package let password: Secret<String>
    package let client: ClientInfo

    package init(caller: Caller, email: EmailAddress, password: Secret<String>, client: ClientInfo) {
        self.caller = caller
        self.email = email
        self.password = password
        self.client = client
    }
}

package enum ChangeEmailOutcome: Sendable, Equatable {
    case mailed
    case refused(ConfirmationRefusal)
    /// It is the account's address already.
    case unchanged
}

package enum ConfirmEmailChangeOutcome: Sendable, Equatable {
    case changed(Account)
    /// Somebody else has the address by now.
    case taken
    case refused(LinkRefusal)
}

package enum DeactivateOutcome: Sendable, Equatable {
    case deactivated
    /// The last administrator stays.
    case lastAdministrator
}
