import Shared

/// A line with its place in the chain.
struct SealedLine: Sendable, Equatable {
    let line: AuditChain.Line
    let position: Int
    let hash: [UInt8]
}

/// Follows a chain, line by line, and names the first that does not fit.
struct AuditFollower: Sendable {
    /// Of the last line that fitted.
    private(set) var position: Int
    private(set) var hash: [UInt8]
    /// The last line, and the hash before it.
    private var last: (line: SealedLine, before: [UInt8])?
    /// It does not fit. The next one shows whether it was inserted or changed.
    private var suspect: SealedLine?

    init(position: Int, hash: [UInt8]) {
        self.position = position
        self.hash = hash
    }

    /// - Returns: the break, once it is known; then nothing more can be taken.
    mutating func take(_ next: SealedLine) -> AuditBreak? {
        if let suspect {
            let fitsWithout = next.line.hash(position: suspect.position, after: hash) == next.hash
            return AuditBreak(kind: fitsWithout ? .inserted : .changed, position: suspect.position, id: suspect.line.id)
        }
        guard next.position == position + 1 else {
            return next.position <= position
                ? AuditBreak(kind: .inserted, position: next.position, id: next.line.id)
                : AuditBreak(kind: .missing, position: position + 1, id: nil)
        }
        guard next.line.hash(position: next.position, after: hash) == next.hash else {
            if let last, next.line.hash(position: last.line.position, after: last.before) == next.hash {
                return AuditBreak(kind: .inserted, position: last.line.position, id: last.line.line.id)
            }
            suspect = next
            return nil
        }
        last = (next, hash)
        position = next.position
        hash = next.hash
        return nil
    }

    /// - Parameter head: where the chain ends, as it was noted apart; nil if nobody knows.
    mutating func end(head: (position: Int, hash: [UInt8])?) -> AuditBreak? {
        if let suspect { return AuditBreak(kind: .changed, position: suspect.position, id: suspect.line.id) }
        guard let head else { return nil }
        if position < head.position { return AuditBreak(kind: .missing, position: position + 1, id: nil) }
        guard position > head.position || hash != head.hash else { return nil }
        return AuditBreak(
            kind: position > head.position ? .inserted : .changed, position: position, id: last?.line.line.id)
    }
}
