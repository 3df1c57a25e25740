import SQL
import Shared

/// A change with the number of its row.
package struct NumberedChange<Change: Sendable>: Sendable {
    package let number: Int
    package let change: Change

    package init(number: Int, change: Change) {
        self.number = number
        self.change = change
    }
}

/// The rows that a feed reads. Whoever makes a change writes its row in the same transaction, with the time of the
/// injected clock and a number from a sequence. Numbers become visible in another order than they are given out.
package protocol ChangeSource<Change>: Sendable {
    associatedtype Change: Sendable

    /// Whether a process remembers nothing before its first read, so that nothing can be stale then.
    var startsEmpty: Bool { get }
    /// Rows older than this may be gone; nil if a row stays for as long as it matters to anyone.
    var retention: Duration? { get }
    /// What a process is told that has not read for so long that it may have missed rows: enough to forget all that
    /// can be stale.
    var afterGap: [Change] { get }

    /// - Parameters:
    ///   - moment: rows made then or later; nil at the first read of a process that does not start empty: what its memory has
    ///     to begin with.
    ///   - now: when the read began.
    func changes(
        since moment: Timestamp?, at now: Timestamp, in transaction: any SQLTransaction
    ) throws -> [NumberedChange<Change>]

    /// Deletes rows that nobody reads any more; nil if somebody else does it.
    func removal(before moment: Timestamp, limit: Int) -> Statement?
}
