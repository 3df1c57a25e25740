internal import CPQ
import SQL
import Shared

/// What the server said of a refused command.
struct PostgresError: Error {
    /// SQLSTATE: five characters (PostgreSQL, appendix A).
    let code: String
    /// The server's one-line text, perhaps in its own language. May quote a bound value: never log it as it is.
    private let message: String
    /// Whether the server closed the connection with it.
    let isFatal: Bool
    let schema: String?
    let table: String?
    let column: String?
    let constraint: String?
    /// The function of the server that raised it; not translated.
    private let origin: String?

    init(_ result: QueryResult) {
        code = result.field("C") ?? "XX000"
        message = result.field("M") ?? "no message"
        let severity = result.field("V") ?? result.field("S") ?? ""
        isFatal = severity == "FATAL" || severity == "PANIC"
        schema = result.field("s")
        table = result.field("t")
        column = result.field("c")
        constraint = result.field("n")
        origin = result.field("R")
    }

    /// Whether running the whole unit of work again may help: serialization failure, deadlock.
    var isConflict: Bool { code == "40001" || code == "40P01" }

    /// Whether the server no longer has, or no longer likes, a statement that was prepared: it does not know the name
    /// (somebody discarded it), or a table has other columns now.
    var isStaleStatement: Bool {
        code == "26000" || code == "0A000" && origin == "RevalidateCachedQuery"
    }

    /// Whether the server cannot take writes: it is a stand-by.
    var isReadOnlyServer: Bool { code == "25006" }

    /// Whether the connection is of no use after it.
    var isLoss: Bool {
        // 08P01 is also what a wrong number of parameters is called.
        isFatal || code.hasPrefix("57P") || code.hasPrefix("08") && code != "08P01"
    }

    /// Code and text, but for class 22 (data exception), whose texts quote the value.
    var summary: String {
        code.hasPrefix("22") ? "SQLSTATE \(code) (data exception)" : "SQLSTATE \(code) (\(message))"
    }

    /// Whether the program's user may not do that: the operator forgot to grant it.
    var isMissingRight: Bool { code == "42501" }

    /// The error that a user of the port is given, unless it is a constraint's.
    ///
    /// - Parameters:
    ///   - sql: the refused statement's text.
    ///   - isReadOnly: whether the transaction is for reading only, so that a refused write is the caller's defect.
    func mapped(sql: String, isReadOnly: Bool) -> any Error {
        let isAboutMachine =
            code.hasPrefix("53") || code.hasPrefix("58") || code == "55P03" || code == "57014"
            || isMissingRight || isReadOnlyServer && !isReadOnly
        if isAboutMachine || isConflict || isLoss {
            return Unavailable("database", reason: summary)
        }
        return InternalFailure("\(summary) in: \(sql)")
    }

    /// Which rule was broken, without the columns of a key; nil if it is no broken rule.
    var violatedKind: ConstraintViolation.Kind? {
        switch code {
        case "23505": .unique
        case "23503", "23001": .foreignKey
        case "23514": .check
        case "23502": .notNull
        default: nil
        }
    }
}

/// The connection is of no use any more.
struct ConnectionLoss: Error {
    let reason: String
    /// Whether the commit may have been done although nobody said so.
    var mayHaveCommitted = false
    /// Set if the statement is at fault, so that another connection would be lost too.
    var defect: InternalFailure?
}

/// A command was refused; the connection is in order.
struct StatementRefusal: Error {
    /// Nil for what only this driver refuses.
    let error: PostgresError?
    /// What is told if there is no `error`.
    let failure: InternalFailure
    let sql: String

    init(error: PostgresError, sql: String) {
        self.error = error
        self.sql = sql
        failure = InternalFailure(error.summary)
    }

    init(failure: InternalFailure) {
        error = nil
        sql = ""
        self.failure = failure
    }
}
