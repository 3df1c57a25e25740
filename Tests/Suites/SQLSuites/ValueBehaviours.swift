import SQL
import Shared
import Testing

extension DatabaseBehaviour {
    static let values = [
        DatabaseBehaviour("every type comes back as it was, also at its limits") { database in
            try await database.makeSamples()
            let samples = [
                Sample(
                    text: "", integer: .min, number: -.greatestFiniteMagnitude, flag: false, bytes: [],
                    identifier: Identifier(high: 0, low: 0), time: Timestamp(milliseconds: -1)),
                Sample(
                    text: "Grüße, 日本語 \u{1F512} ' \" \\ ; -- \r\n\t", integer: .max, number: .leastNormalMagnitude,
                    flag: true, bytes: [0, 255, 0], identifier: Identifier(high: .max, low: .max),
                    time: Timestamp(milliseconds: 253_402_300_799_999)),
                Sample(text: nil, integer: nil, number: nil, flag: nil, bytes: nil, identifier: nil, time: nil),
            ]
            for sample in samples {
                let back = try await database.write { transaction in
                    try transaction.execute("DELETE FROM samples")
                    try transaction.execute(sample.insertion)
                    return try transaction.query("SELECT * FROM samples", Sample.init(row:))
                }
                #expect(back == [sample])
                let committed = try await database.read { transaction in
                    try transaction.query("SELECT * FROM samples", Sample.init(row:))
                }
                #expect(committed == [sample])
            }
        },
        DatabaseBehaviour("JSON comes back as a document") { database in
            let back = try await database.write { transaction in
                try transaction.execute("CREATE TABLE documents (body \(Column.json)) \(Column.strict)")
                try transaction.execute("INSERT INTO documents VALUES (\(json: "[1,2]"))")
                try transaction.execute("INSERT INTO documents VALUES (\(json: nil))")
                return try transaction.query("SELECT body FROM documents ORDER BY body IS NULL") {
                    try $0.optionalJSON(0)
                }
            }
            // PostgreSQL writes it with spaces of its own.
            #expect(back.map { $0?.filter { $0 != " " } } == ["[1,2]", nil])
        },
        DatabaseBehaviour("a value of many megabytes comes back whole") { database in
            try await database.makeSamples()
            let bytes = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let text = String(repeating: "ä\u{1F512}x", count: 300_000)
            try await database.write { transaction in
                try transaction.execute("INSERT INTO samples (bytes, text) VALUES (\(bytes), \(text))")
            }
            let same = try await database.read { transaction in
                try transaction.first("SELECT bytes, text FROM samples") { row in
                    try row.bytes(0) == bytes && row.text(1) == text
                }
            }
            #expect(same == true)
        },
        DatabaseBehaviour("text and JSON with U+0000 are refused, not cut") { database in
            try await database.makeSamples()
            for statement in [
                "INSERT INTO samples (text) VALUES (\("a\u{0}b"))",
                "INSERT INTO samples (text) VALUES (CAST(\(json: #"{"a":"\u0000"}"#) AS TEXT))",
            ] as [Statement] {
                await #expect(throws: InternalFailure.self) {
                    try await database.write { try $0.execute(statement) }
                }
            }
            let rows = try await database.read { try $0.query("SELECT text FROM samples") { try $0.text(0) } }
            #expect(rows.isEmpty)
        },
        DatabaseBehaviour("a value is never read as SQL") { database in
            try await database.makeSamples()
            let texts = ["'); DROP TABLE samples; --", "\"", "?", "$1", "%_\\", "NULL", "/*"]
            try await database.write { transaction in
                for text in texts { try transaction.execute("INSERT INTO samples (text) VALUES (\(text))") }
            }
            let back = try await database.read { transaction in
                try transaction.query("SELECT text FROM samples WHERE text IN (\(list: texts))") { try $0.text(0) }
            }
            #expect(back.sorted() == texts.sorted())
        },
        DatabaseBehaviour("NULL is bound with a type, so that it can be compared") { database in
            let none: String? = nil
            let id: Identifier? = nil
            let flags = try await database.read { transaction in
                try transaction.first("SELECT \(none) IS NULL, \(id) IS NULL, \(false) = \(false)") { row in
                    [try row.bool(0), try row.bool(1), try row.bool(2)]
                }
            }
            #expect(flags == [true, true, true])
        },
    ]
}

private struct Sample: Equatable {
    var text: String?
    var integer: Int?
    var number: Double?
    var flag: Bool?
    var bytes: [UInt8]?
    var identifier: Identifier?
    var time: Timestamp?

    var insertion: Statement {
        "INSERT INTO samples VALUES (\(text), \(integer), \(number), \(flag), \(bytes), \(identifier), \(time))"
    }
}

extension Sample {
    init(row: Row) throws {
        var next = row.reader
        self.init(
            text: try next.optionalText(), integer: try next.optionalInteger(), number: try next.optionalNumber(),
            flag: try next.optionalBool(), bytes: try next.optionalBytes(),
            identifier: try next.optionalIdentifier(), time: try next.optionalTimestamp())
    }
}

extension Database {
    fileprivate func makeSamples() async throws {
        try await write { transaction in
            try transaction.execute(
                """
                CREATE TABLE samples (
                    text TEXT, integer \(Column.integer), number \(Column.number), flag \(Column.boolean),
                    bytes \(Column.bytes), identifier \(Column.identifier), time \(Column.timestamp)) \(Column.strict)
                """)
        }
    }
}
