import Shared

/// The first place at which a chain does not fit.
package struct AuditBreak: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        /// The line is not as it was sealed, or one before it is gone.
        case changed
        /// There is no line at this place.
        case missing
        /// The line was never sealed at this place.
        case inserted
        /// The checkpoint was not made with this installation's master key.
        case checkpoint
    }

    package let kind: Kind
    package let position: Int
    /// Nil where no line is.
    package let id: Identifier?

    package var description: String {
        let line = id.map { "line \(position) (\($0))" } ?? "line \(position)"
        return switch kind {
        case .changed: "\(line) was changed after it was sealed, or a line before it was removed"
        case .missing: "\(line) is missing"
        case .inserted: "\(line) was inserted"
        case .checkpoint: "the checkpoint at \(line) was not made with this master key"
        }
    }
}
