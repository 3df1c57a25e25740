import JSON
import SQL
import Shared

/// Checks an export, line by line, by itself and beside the log that it came from.
package struct AuditFile: Sendable {
    package enum Trouble: Error, Sendable, Equatable, CustomStringConvertible {
        /// The line of the file, counted from 1, that no export has.
        case unreadable(line: Int)
        case broken(AuditBreak)
        /// The log was cut at this place, at a line that is another one here.
        case ofAnotherLog(position: Int)

        package var description: String {
            switch self {
            case .unreadable(let line): "line \(line) of the file is not of an export"
            case .broken(let found): found.description
            case .ofAnotherLog(let position):
                "line \(position) is not the one at which the log in the database was cut off: it is of another log"
            }
        }
    }

    private let seal: AuditSeal
    /// At which the log was cut since, perhaps within what the file holds.
    private let cut: AuditCheckpoint?
    private var follower: AuditFollower?
    private var lineNumber = 0

    init(_ seal: AuditSeal, beside cut: AuditCheckpoint?) {
        self.seal = seal
        self.cut = cut
    }

    /// The last line that fits.
    package var position: Int { follower?.position ?? 0 }

    /// - Throws: `Trouble`.
    package mutating func take(_ bytes: [UInt8]) throws {
        lineNumber += 1
        guard let value = try? JSONValue(parsing: bytes) else { throw Trouble.unreadable(line: lineNumber) }
        guard follower != nil else { return try begin(value) }
        guard let line = AuditExport.sealed(value) else { throw Trouble.unreadable(line: lineNumber) }
        if let found = follower?.take(line) { throw Trouble.broken(found) }
        try compare()
    }

    /// - Throws: `Trouble`.
    package mutating func end() throws {
        guard follower != nil else { throw Trouble.unreadable(line: lineNumber + 1) }
        if let found = follower?.end(head: nil) { throw Trouble.broken(found) }
    }

    private mutating func begin(_ value: JSONValue) throws {
        guard let (writer, checkpoint) = AuditExport.checkpoint(value) else {
            throw Trouble.unreadable(line: lineNumber)
        }
        if let checkpoint, !seal.verify(checkpoint, of: writer) {
            throw Trouble.broken(AuditBreak(kind: .checkpoint, position: checkpoint.position, id: nil))
        }
        follower = AuditFollower(position: checkpoint?.position ?? 0, hash: checkpoint?.hash ?? [])
        try compare()
    }

    private func compare() throws {
        guard let cut, let follower, follower.position == cut.position, follower.hash != cut.hash else { return }
        throw Trouble.ofAnotherLog(position: cut.position)
    }
}

extension AuditChain {
    /// What checks an export of this chain.
    ///
    /// - Throws: failures of the database.
    package func file(_ seal: AuditSeal, in transaction: any SQLTransaction) throws -> AuditFile {
        AuditFile(seal, beside: try AuditCheckpoint.find(of: writer, in: transaction))
    }
}
