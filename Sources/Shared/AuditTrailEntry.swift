/// One line of the audit log as it is read.
package struct AuditTrailEntry: Sendable, Equatable {
    package let time: Timestamp
    package let action: String
    package let outcome: String
    package let reason: String?
    /// How often it happened within its minute.
    package let count: Int
    /// Data about the person, if it was not erased.
    package let personal: [String: String]

    package init(
        time: Timestamp, action: String, outcome: String, reason: String?, count: Int, personal: [String: String]
    ) {
        self.time = time
        self.action = action
        self.outcome = outcome
        self.reason = reason
        self.count = count
        self.personal = personal
    }
}
