import Postgres
import PostgresSupport
import SQL
import Shared
import Testing

@Suite("Values of PostgreSQL")
struct PostgresValueTests {
    @Test("are read from every built-in type that Gapura uses")
    func types() async throws {
        try await withPostgresDatabase { database in
            try await database.read { transaction in
                let row = try #require(
                    try transaction.first(
                        """
                        SELECT 7::smallint, (-8)::integer, 2147483648::oid, 1.5::real, 'n'::name, 'c'::char(3), 'v'::varchar,
                            '{"a":1}'::json, '{"a": 1}'::jsonb, now() - now() = interval '0', 'x', pg_sleep(0)
                        """
                    ) { $0 })
                #expect(try row.integer(0) == 7)
                #expect(try row.integer(1) == -8)
                #expect(try row.integer(2) == 2_147_483_648)
                #expect(try row.number(3) == 1.5)
                #expect(try [row.text(4), row.text(5), row.text(6), row.text(10)] == ["n", "c  ", "v", "x"])
                #expect(try row.json(7) == #"{"a":1}"#)
                #expect(try row.json(8) == #"{"a": 1}"#)
                #expect(try row.bool(9))
                #expect(try row.isNull(11))
            }
        }
    }

    @Test(
        "that are whole numerics, as sum() gives them, are read as integers",
        arguments: [0, 1, -1, 9_999, 10_000, 12_345_678, 100_000_000, -20_000, .max, .min, 1_000_000_000_000_000_000])
    func numerics(_ number: Int) async throws {
        try await withPostgresDatabase { database async throws in
            let select: Statement = "SELECT sum(n) FROM (VALUES (\(number)), (\(0))) AS t (n)"
            #expect(try await database.integer(select) == number)
        }
    }

    @Test(
        "that cannot be read are told by the column's name",
        arguments: [
            "1.5::numeric", "9223372036854775808::numeric", "'NaN'::numeric", "'1 day'::interval", "'{1}'::integer[]",
            "'infinity'::timestamptz", "'10.0.0.1'::inet", "row(1, 2)",
        ])
    func unreadable(_ expression: String) async throws {
        try await withPostgresDatabase { database in
            let select = Statement(unsafeSQL: "SELECT 1, \(expression) AS strange")
            let error = await #expect(throws: InternalFailure.self) {
                try await database.read { try $0.query(select) { _ in } }
            }
            #expect(error?.description.contains("strange") == true)
        }
    }

    @Test("keep their bits at the edges of each type")
    func edges() async throws {
        let numbers: [Double] = [.infinity, -.infinity, -0.0, .ulpOfOne, .leastNonzeroMagnitude]
        let times = [-210_866_803_200_000, 9_224_318_015_999_999, 946_684_800_000, 946_684_799_999, 0]
            .map { Timestamp(milliseconds: $0) }
        try await withPostgresDatabase { database in
            try await database.read { transaction in
                for number in numbers + [.nan] {
                    let back = try transaction.first("SELECT \(number)") { try $0.number(0) }
                    #expect(back?.bitPattern == number.bitPattern)
                }
                for time in times {
                    #expect(try transaction.first("SELECT \(time)") { try $0.timestamp(0) } == time)
                }
                let text = "2024-02-29 12:00:00.123999Z"
                let cut = try transaction.first("SELECT CAST(\(text) AS timestamptz)") { try $0.timestamp(0) }
                #expect(cut == Timestamp(text: "2024-02-29T12:00:00.123Z"))
                let old = try transaction.first("SELECT CAST(\("1969-12-31 23:59:59.9995Z") AS timestamptz)") {
                    try $0.timestamp(0)
                }
                #expect(old == Timestamp(milliseconds: -1))
                let empty = try transaction.first("SELECT \(""), \([UInt8]()), \(String?.none)") { row in
                    try row.text(0) == "" && row.bytes(1) == [] && row.isNull(2)
                }
                #expect(empty == true)
            }
        }
    }

    @Test("beyond PostgreSQL's range are refused, and the unit of work can go on")
    func range() async throws {
        try await withPostgresDatabase { database in
            for milliseconds in [Int64.min, .max, 9_224_318_016_000_000] {
                let time = Timestamp(milliseconds: milliseconds)
                let one = try await database.write { transaction in
                    #expect(throws: InternalFailure.self) { try transaction.execute("SELECT \(time)") }
                    return try transaction.first("SELECT 1") { try $0.integer(0) }
                }
                #expect(one == 1)
            }
        }
    }

    @Test("that the server finds faulty are not quoted")
    func quoting() async throws {
        try await withPostgresDatabase { database in
            for type in ["inet", "uuid", "bigint", "timestamptz", "jsonb"] {
                let cast = DialectText(sqlite: "", postgres: type)
                let error = await #expect(throws: InternalFailure.self) {
                    try await database.read { try $0.execute("SELECT CAST(\("topsecret") AS \(cast))") }
                }
                #expect(error?.description.contains("topsecret") == false)
                #expect(error?.description.contains("SQLSTATE 22") == true)
            }
        }
    }

    @Test("tell the server's time")
    func time() async throws {
        try await withPostgresDatabase { database in
            let before = SystemWallClock().now
            let time = try #require(try await database.time())
            // Of the same machine, so that a zone or an epoch that is wrong would show.
            #expect(time >= before - .seconds(60) && time <= before + .seconds(3_600))
        }
    }
}
