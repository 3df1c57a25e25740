import AccountsApplication

extension ChangePasswordOutcome {
    /// Why it was refused; nil if the password was changed.
    package var refusal: ChangePasswordRefusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }
}
