internal import CPQ
import SQL
import Shared

/// An open connection, always in libpq's pipeline mode. Used by one thread at a time.
///
/// Commands are queued by `send` and go out together with one sync at their end; `drain` reads what they answer, to
/// that sync. After a refused command the server skips the rest up to the sync.
final class PostgresConnection {
    /// Owns libpq's handle.
    struct Handle: ~Copyable {
        let pointer: OpaquePointer

        deinit { PQfinish(pointer) }
    }

    /// A command whose answer is still to be read.
    enum Expected {
        case control
        case prepare(name: String, sql: String)
        case deallocate(name: String)
        case statement(sql: String)
        case commit
        case sync

        var sql: String {
            switch self {
            case .prepare(_, let sql), .statement(let sql): sql
            case .commit: "COMMIT"
            case .control, .deallocate, .sync: "a command of the driver"
            }
        }
    }

    let handle: Handle
    /// While it is being opened that is the time-out of connecting: a pooler without a server accepts everybody.
    var answerTimeout: Duration
    /// Whether something between here and the server hands each transaction to another session: so it must be taken
    /// until the opposite is known.
    var isPooled = true
    /// Set after anything that leaves it in an unknown state: it must not be used again.
    private(set) var isLost = false
    /// When it was given back.
    var lastUse = ContinuousClock.now
    /// Whether it must answer once before a unit of work relies on it.
    var needsProof = false
    var names: PreparedNames
    /// Names that are being prepared in this pipeline, by their text.
    var underway: [String: String] = [:]
    /// In the order of their answers.
    var expected: [Expected] = []

    /// - Parameter pointer: connected, not in pipeline mode; owned from here on.
    /// - Throws: `ConnectionLoss`.
    init(_ pointer: OpaquePointer, _ settings: PostgresSettings) throws {
        handle = Handle(pointer: pointer)
        answerTimeout = settings.connectTimeout
        names = PreparedNames(limit: settings.statementLimit)
        // The default writes to the standard error.
        PQsetNoticeReceiver(pointer, { _, _ in }, nil)
        guard PQsetnonblocking(pointer, 1) == 0, PQenterPipelineMode(pointer) == 1 else { throw loss() }
    }

    /// The server process, as it introduced itself.
    var processID: Int { Int(PQbackendPID(handle.pointer)) }
    var isInTransaction: Bool { PQtransactionStatus(handle.pointer) == PQTRANS_INTRANS }
    var hasFailedTransaction: Bool { PQtransactionStatus(handle.pointer) == PQTRANS_INERROR }

    /// Queues a command of the driver itself, such as BEGIN.
    func sendControl(_ sql: String) throws {
        try sendPlain(sql)
        expected.append(.control)
    }

    /// Queues COMMIT, and drops on the server what the statement cache has dropped.
    ///
    /// - Parameter isReadOnly: nothing depends on whether it was done.
    func sendCommit(isReadOnly: Bool) throws {
        try sendPlain("COMMIT")
        expected.append(isReadOnly ? .control : .commit)
        for name in names.leftovers {
            try sendPlain("DEALLOCATE \(name)")
            expected.append(.deallocate(name: name))
        }
    }

    /// Queues a statement.
    func send(_ sql: String, _ parameters: ParameterBuffer) throws {
        let count = Int32(parameters.count)
        // A name would belong to a session that is another's in the next moment.
        let name = isPooled ? nil : try nameOfPrepared(sql)
        if isPooled { try StatementText.check(sql) }
        try checked(
            parameters.withPointers { addresses, lengths, formats in
                if let name {
                    PQsendQueryPrepared(handle.pointer, name, count, addresses, lengths, formats, 1)
                } else {
                    PQsendQueryParams(handle.pointer, sql, count, nil, addresses, lengths, formats, 1)
                }
            })
        expected.append(.statement(sql: sql))
    }

    private func nameOfPrepared(_ sql: String) throws -> String {
        if let name = names.find(sql) ?? underway[sql] { return name }
        try StatementText.check(sql)
        let name = names.newName()
        try checked(PQsendPrepare(handle.pointer, name, sql, 0, nil))
        expected.append(.prepare(name: name, sql: sql))
        underway[sql] = name
        return name
    }

    private func sendPlain(_ sql: String) throws {
        try checked(PQsendQueryParams(handle.pointer, sql, 0, nil, nil, nil, nil, 1))
    }

    /// Ends what was queued with a sync and sends it, as far as that goes without waiting.
    func sync() throws {
        try checked(PQpipelineSync(handle.pointer))
        expected.append(.sync)
    }

    func checked(_ result: Int32) throws {
        if result != 1 { throw loss() }
    }

    /// Forgets the prepared statements, on the server too.
    func forgetStatements() throws {
        names.removeAll()
        try sendControl("DEALLOCATE ALL")
        try sync()
        try drain()
    }

    /// Marks the connection as lost.
    ///
    /// - Parameter reason: nil: what libpq says.
    func loss(_ reason: String? = nil) -> ConnectionLoss {
        isLost = true
        let text = reason ?? PQerrorMessage(handle.pointer).map { String(cString: $0) } ?? ""
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return ConnectionLoss(
            reason: line.isEmpty ? "the connection was lost" : line,
            mayHaveCommitted: expected.contains {
                if case .commit = $0 { return true }
                return false
            })
    }
}

/// What a unit of work may not send.
enum StatementText {
    private static let controls: Set<String> = ["begin", "start", "commit", "end", "rollback", "abort", "prepare"]

    /// - Throws: `InternalFailure` for U+0000, at which C cuts, and for what would end the transaction.
    static func check(_ sql: String) throws {
        if sql.utf8.contains(0) { throw InternalFailure("the statement holds U+0000") }
        let word = sql.drop { $0.isWhitespace }.prefix { $0.isASCII && $0.isLetter }
        if controls.contains(word.lowercased()) {
            throw InternalFailure("a unit of work does not control its transaction: \(sql)")
        }
    }
}
