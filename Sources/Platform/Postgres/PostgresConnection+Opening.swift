internal import CPQ
internal import Glibc
import SQL
import Shared

extension PostgresConnection {
    /// Connects and prepares the session. Blocks up to the connection's time-out for each address of the server.
    ///
    /// - Throws: `ConnectionLoss`, whose reason names server, user and database and never the password.
    static func open(_ url: PostgresURL, _ settings: PostgresSettings) throws -> PostgresConnection {
        let connection = try PostgresConnection(try connect(url, settings), settings)
        do {
            // A pooler tells a process of its own.
            let server = try connection.ask("SELECT pg_backend_pid()")
            connection.isPooled = server != connection.processID
            if !connection.isPooled {
                try connection.sendControl("SELECT \(limits(settings, isLocal: false))")
                try connection.sync()
                try connection.drain()
            }
        } catch let refusal as StatementRefusal {
            throw connection.loss(refusal.failure.description)
        }
        connection.answerTimeout = settings.answerTimeout
        return connection
    }

    private static func connect(_ url: PostgresURL, _ settings: PostgresSettings) throws -> OpaquePointer {
        var parameters = url.parameters
        if url["connect_timeout"] == nil {
            parameters.append(("connect_timeout", "\(max(2, settings.connectTimeout.secondsRoundedUp))"))
        }
        let names = parameters.map { strdup($0.name) }
        let values = parameters.map { strdup($0.value) }
        defer { for text in names + values { free(text) } }
        let end: [UnsafePointer<CChar>?] = [nil]
        guard
            let pointer = PQconnectdbParams(
                names.map { UnsafePointer($0) } + end, values.map { UnsafePointer($0) } + end, 0)
        else { throw ConnectionLoss(reason: "out of memory") }
        guard PQstatus(pointer) == CONNECTION_OK else {
            defer { PQfinish(pointer) }
            let message = PQerrorMessage(pointer).map { String(cString: $0) } ?? ""
            throw ConnectionLoss(reason: reason(message, url))
        }
        // Of another encoding, it would refuse what people write.
        let encoding = PQparameterStatus(pointer, "server_encoding").map { String(cString: $0) }
        if let encoding, encoding != "UTF8" {
            PQfinish(pointer)
            throw ConnectionLoss(reason: "the database's encoding is \(encoding): it must be made with ENCODING 'UTF8'")
        }
        return pointer
    }

    private static func reason(_ message: String, _ url: PostgresURL) -> String {
        let line = message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard line.contains("does not support SSL"), url["sslmode"] == "require" else { return line }
        return line + "; where the network between may be trusted, add sslmode=disable to the URL"
    }

    private func ask(_ sql: String) throws -> Int? {
        try send(sql, ParameterBuffer([]))
        try sync()
        return try drain()?.rows(atMost: 1).first?.integer(0)
    }

    /// The time-outs of the server for this session or transaction, as a list of a SELECT.
    static func limits(_ settings: PostgresSettings, isLocal: Bool) -> String {
        [
            ("statement_timeout", settings.statementTimeout), ("lock_timeout", settings.lockTimeout),
            ("idle_in_transaction_session_timeout", settings.idleInTransactionTimeout),
        ].map { "set_config('\($0.0)', '\($0.1.wholeMilliseconds)', \(isLocal))" }.joined(separator: ", ")
    }
}
