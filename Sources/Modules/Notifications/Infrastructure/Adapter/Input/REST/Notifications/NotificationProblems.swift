import HTTP

extension ProblemKind {
    static let securityMail = ProblemKind(409, "security_mail", "Security mails cannot be switched off")
    static let invalidUnsubscribeLink = ProblemKind(400, "invalid_unsubscribe_link", "The link ends no mails")
}
