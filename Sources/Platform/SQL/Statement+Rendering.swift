extension Statement {
    /// The text for one database, and the values in the order of its placeholders.
    ///
    /// SQLite gets `?`. PostgreSQL gets `$1::uuid` and so on: always with the type, so that NULL and other values
    /// share one prepared statement and `$1 IS NULL` is understood. To give a column of another type, write the
    /// cast: `CAST(\(text) AS inet)`.
    package func rendered(for dialect: Dialect) -> (sql: String, values: [SQLValue]) {
        switch dialect {
        case .sqlite: (sqliteText, values)
        case .postgres: (postgresText, values)
        }
    }

    private var postgresText: String {
        let source = sqliteText.utf8
        var text = ""
        text.reserveCapacity(source.count + 12 * marks.count)
        var position = source.startIndex
        var parameter = 0
        for mark in marks {
            let start = source.index(source.startIndex, offsetBy: mark.offset)
            text += sqliteText[position..<start]
            switch mark.kind {
            case .parameter(let type):
                parameter += 1
                text += "$\(parameter)::\(type.postgresName)"
                position = source.index(after: start)
            case .alternative(let length, let postgres):
                text += postgres
                position = source.index(start, offsetBy: length)
            }
        }
        text += sqliteText[position...]
        return text
    }
}
