/// The prepared statements of one connection by their text; the least recently used goes first.
final class StatementCache {
    private let connection: OpaquePointer
    private let limit: Int
    private var statements: [String: PreparedStatement] = [:]
    private var uses = 0

    /// - Parameter limit: 1 or more.
    init(_ connection: OpaquePointer, limit: Int) {
        self.connection = connection
        self.limit = limit
    }

    /// A statement that nobody else uses, marked as in use until it is given back.
    func take(_ sql: String) throws -> PreparedStatement {
        uses += 1
        let kept = statements[sql]
        let statement: PreparedStatement
        if let kept, !kept.isInUse {
            statement = kept
        } else {
            statement = try PreparedStatement(sql, on: connection)
            if kept == nil { keep(statement, sql) }
        }
        statement.lastUse = uses
        statement.isInUse = true
        return statement
    }

    func removeAll() { statements = [:] }

    private func keep(_ statement: PreparedStatement, _ sql: String) {
        if statements.count >= limit, let oldest = statements.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            statements.removeValue(forKey: oldest.key)
        }
        statements[sql] = statement
    }
}
