import Shared

/// Where a dead letter stands: the latest event first, and of its groups the last by name.
package struct DeadLetterKey: ListKey {
    package let event: Identifier
    package let group: String

    package init(_ letter: DeadLetter) {
        event = letter.event.id
        group = letter.group
    }

    /// Reads `ID/GROUP`.
    package init?(_ description: String) {
        let parts = description.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let event = Identifier(parts[0]) else { return nil }
        self.event = event
        group = String(parts[1])
    }

    package var description: String { "\(event)/\(group)" }

    package static func < (left: DeadLetterKey, right: DeadLetterKey) -> Bool {
        (right.event, right.group) < (left.event, left.group)
    }
}
