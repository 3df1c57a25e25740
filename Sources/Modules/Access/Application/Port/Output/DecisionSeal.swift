import AccessDomain
import Shared

/// Makes the identifier of a refusal a record of it: whoever has the identifier can have it explained, by any process and
/// at any time, and nothing is stored.
package protocol DecisionSeal: Sendable {
    /// Under 200 characters of `A-Z a-z 0-9 _ -`. Texts of the record that have no room are left out.
    func seal(_ record: DecisionRecord) throws -> String
    /// Nil for what this installation has not sealed.
    func open(_ text: String) -> DecisionRecord?
}
