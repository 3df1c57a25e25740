/// One line of the audit log as it is read.
package struct AuditTrailEntry: Sendable, Equatable {
    package let time: Timestamp
    /// Who did it, as in `AuditEntry`.
    package let actor: String
    package let action: String
    package let outcome: String
    package let reason: String?
    /// How often it happened within its minute.
    package let count: Int
    /// Data about the person, if it was not erased.
    package let personal: [String: String]

    package init(
        time: Timestamp, actor: String, action: String, outcome: String, reason: String?, count: Int,
        personal: [String: String]
    ) {
        self.time = time
        self.actor = actor
        self.action = action
        self.outcome = outcome
        self.reason = reason
        self.count = count
        self.personal = personal
    }
}
