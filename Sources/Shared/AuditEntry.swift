/// One line of the audit log: who did what to what, and how it went.
package struct AuditEntry: Sendable, Equatable {
    package enum Outcome: String, Sendable {
        case done
        case refused
    }

    /// Lower-case words with a dot: `session.opened`.
    package let action: String
    package let outcome: Outcome
    /// Why it was refused: a stable code.
    package let reason: String?
    /// Who did it: `user:<id>`, `system`, or a pseudonym for somebody who is not known.
    package let actor: String
    /// What it was done to: `session:<id>`.
    package let subject: String?
    /// Data about a person, kept apart so that it can be erased without breaking the log: addresses, user agents.
    package let personal: [String: String]
    /// What else the line can be found by: the identifiers of what was refused.
    package let references: [Identifier]

    /// How many references one line has at most; the first ones.
    package static let referencesMax = 16

    package static func done(
        _ action: String, by actor: String, on subject: String? = nil, personal: [String: String] = [:]
    ) -> AuditEntry {
        AuditEntry(
            action: action, outcome: .done, reason: nil, actor: actor, subject: subject, personal: personal,
            references: [])
    }

    /// Equal refusals (action, reason, actor and subject) within a minute become one line with a count.
    package static func refused(
        _ action: String, because reason: String, by actor: String, on subject: String? = nil,
        personal: [String: String] = [:], references: [Identifier] = []
    ) -> AuditEntry {
        AuditEntry(
            action: action, outcome: .refused, reason: reason, actor: actor, subject: subject, personal: personal,
            references: references)
    }
}
