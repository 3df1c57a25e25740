import HTTP

extension ProblemKind {
    static let securityMail = ProblemKind(409, "security_mail", "Security mails cannot be switched off")
    /// As every link that was mailed.
    static let invalidToken = ProblemKind(400, "invalid_token", "The link is not valid")
}
