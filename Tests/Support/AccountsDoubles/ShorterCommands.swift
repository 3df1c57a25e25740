import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared

extension VerifyEmailService {
    /// As a program does it.
    package func callAsFunction(_ token: String, client: ClientInfo) async throws -> VerifyEmailOutcome {
        try await callAsFunction(VerifyEmailCommand(token: token, client: client))
    }
}

extension ChangePasswordCommand {
    package init(caller: SessionCaller, current: Secret<String>, new: Password, client: ClientInfo) {
        self.init(caller: caller, proof: .password(current), new: new, client: client)
    }
}

extension ChangeEmailCommand {
    package init(caller: SessionCaller, email: EmailAddress, password: Secret<String>, client: ClientInfo) {
        self.init(caller: caller, email: email, proof: .password(password), client: client)
    }
}
