/// One line of the audit log with all that is known of it, for those who watch over the installation.
package struct AuditRecord: Sendable, Equatable {
    package let id: Identifier
    package let subject: String?
    package let entry: AuditTrailEntry

    package init(id: Identifier, subject: String?, entry: AuditTrailEntry) {
        self.id = id
        self.subject = subject
        self.entry = entry
    }
}

/// Which lines of the audit log are looked for; nil does not matter.
package struct AuditFilter: Sendable, Equatable {
    /// What it was done to: `user:<id>`.
    package let subject: String?
    /// Who did it: `user:<id>`, `api_key:<prefix>`, `system`.
    package let actor: String?
    /// `user.blocked`
    package let action: String?
    /// The first moment.
    package let from: Timestamp?
    /// The first moment behind.
    package let to: Timestamp?

    package init(
        subject: String? = nil, actor: String? = nil, action: String? = nil, from: Timestamp? = nil,
        to: Timestamp? = nil
    ) {
        self.subject = subject
        self.actor = actor
        self.action = action
        self.from = from
        self.to = to
    }
}
