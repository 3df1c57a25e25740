/// The prepared statements of one connection by what makes their text; the least recently used goes first.
final class StatementCache<Key: Hashable> {
    private let connection: OpaquePointer
    private let limit: Int
    private var statements: [Key: PreparedStatement] = [:]
    private var uses = 0

    /// - Parameter limit: 1 or more.
    init(_ connection: OpaquePointer, limit: Int) {
        self.connection = connection
        self.limit = limit
    }

    /// A statement that nobody else uses, marked as in use until it is given back.
    ///
    /// - Parameter text: asked for if there is none yet.
    func take(_ key: Key, text: () -> String) throws -> PreparedStatement {
        uses += 1
        let kept = statements[key]
        let statement: PreparedStatement
        if let kept, !kept.isInUse {
            statement = kept
        } else {
            statement = try PreparedStatement(text(), on: connection)
            if kept == nil { keep(statement, key) }
        }
        statement.lastUse = uses
        statement.isInUse = true
        return statement
    }

    func removeAll() { statements = [:] }

    private func keep(_ statement: PreparedStatement, _ key: Key) {
        if statements.count >= limit, let oldest = statements.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            statements.removeValue(forKey: oldest.key)
        }
        statements[key] = statement
    }
}
