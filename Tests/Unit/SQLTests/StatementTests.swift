import SQL
import Shared
import Testing

private struct UserID: EntityID {
    let value: Identifier
    init(_ value: Identifier) { self.value = value }
}

@Suite("A statement")
struct StatementTests {
    private let identifier = Identifier(high: 1, low: 2)

    private func sqlite(_ statement: Statement) -> String { statement.rendered(for: .sqlite).sql }
    private func postgres(_ statement: Statement) -> String { statement.rendered(for: .postgres).sql }

    @Test("turns interpolated values into bound parameters, in order")
    func binds() {
        let key = "a@b.c"
        let statement: Statement = "SELECT id FROM users WHERE email_key = \(key) AND age > \(7)"
        #expect(sqlite(statement) == "SELECT id FROM users WHERE email_key = ? AND age > ?")
        #expect(postgres(statement) == "SELECT id FROM users WHERE email_key = $1::text AND age > $2::bigint")
        #expect(statement.rendered(for: .sqlite).values == [.text("a@b.c"), .integer(7)])
        #expect(statement.rendered(for: .postgres).values == [.text("a@b.c"), .integer(7)])
    }

    @Test(
        "never puts a value into its text",
        arguments: ["'; DROP TABLE users; --", "?", "$1", "\u{0}", "x\" OR \"\"=\"", "\\'", "ÿ'"])
    func isSafe(_ value: String) {
        let statement: Statement = "SELECT \(value)"
        #expect(sqlite(statement) == "SELECT ?")
        #expect(postgres(statement) == "SELECT $1::text")
        #expect(statement.rendered(for: .sqlite).values == [.text(value)])
    }

    @Test("binds an interpolated literal and an interpolated string as text, never as SQL")
    func literalsAreText() {
        let key = ""
        let flag = key.isEmpty
        let statement: Statement = "SELECT \("a"), \(flag ? "b" : "c"), \("d\(1)")"
        #expect(sqlite(statement) == "SELECT ?, ?, ?")
        #expect(statement.rendered(for: .sqlite).values == [.text("a"), .text("b"), .text("d1")])
    }

    @Test("knows every type, and NULL of every type")
    func types() {
        let id = UserID(identifier)
        let time = Timestamp(milliseconds: 5)
        let full: Statement = """
            \("t")\(1)\(Int64(2))\(1.5)\(true)\([1, 2] as [UInt8])\(identifier)\(id)\(time)\(JSONText("{}"))\(json: "[]")
            """
        #expect(
            full.rendered(for: .postgres).values == [
                .text("t"), .integer(1), .integer(2), .number(1.5), .boolean(true), .bytes([1, 2]),
                .identifier(identifier), .identifier(identifier), .timestamp(time), .json("{}"), .json("[]"),
            ])
        #expect(
            postgres(full) == "$1::text$2::bigint$3::bigint$4::double precision$5::boolean$6::bytea"
                + "$7::uuid$8::uuid$9::timestamptz$10::jsonb$11::jsonb")
        let none: Statement = """
            \(String?.none)\(Int?.none)\(Int64?.none)\(Double?.none)\(Bool?.none)\([UInt8]?.none)\
            \(Identifier?.none)\(UserID?.none)\(Timestamp?.none)\(JSONText?.none)\(json: nil)
            """
        #expect(postgres(none) == postgres(full))
        #expect(none.rendered(for: .postgres).values.allSatisfy { $0.isNull })
        #expect(none.rendered(for: .postgres).values.map(\.type) == full.rendered(for: .postgres).values.map(\.type))
    }

    @Test("takes an optional with a value as the value")
    func optionals() {
        let name: String? = "n"
        let id: UserID? = UserID(identifier)
        let statement: Statement = "\(name)\(id)"
        #expect(statement.rendered(for: .sqlite).values == [.text("n"), .identifier(identifier)])
    }

    @Test("takes other statements in, at any depth, and numbers their values anew")
    func nests() {
        let inner: Statement = "b = \(2) AND ö = \("x")"
        let middle: Statement = "(\(inner))\(forUpdate)"
        let outer: Statement = "a = \(1) AND \(middle) AND c = \(3)"
        #expect(sqlite(outer) == "a = ? AND (b = ? AND ö = ?) AND c = ?")
        #expect(
            postgres(outer) == "a = $1::bigint AND (b = $2::bigint AND ö = $3::text) FOR UPDATE AND c = $4::bigint")
        #expect(outer.rendered(for: .sqlite).values == [.integer(1), .integer(2), .text("x"), .integer(3)])
    }

    @Test("renders what differs between the databases")
    func differences() {
        let words = DialectText(sqlite: "LIKE", postgres: "ILIKE")
        let statement: Statement = "SELECT 1 WHERE n \(words) \("a%")\(forUpdateSkipLocked)"
        #expect(sqlite(statement) == "SELECT 1 WHERE n LIKE ?")
        #expect(postgres(statement) == "SELECT 1 WHERE n ILIKE $1::text FOR UPDATE SKIP LOCKED")
    }

    @Test("leaves question marks of its literal text alone")
    func literalQuestionMarks() {
        #expect(postgres("SELECT '?' || \("v") || '?'") == "SELECT '?' || $1::text || '?'")
    }

    @Test("binds every element of a list, and an empty one as NULL")
    func lists() {
        let statement: Statement = "id IN (\(list: [UserID(identifier)])) OR n IN (\(list: [1, 2]))"
        #expect(postgres(statement) == "id IN ($1::uuid) OR n IN ($2::bigint, $3::bigint)")
        #expect(sqlite("n IN (\(list: [Int]()))") == "n IN (NULL)")
    }

    @Test("joins parts")
    func joins() {
        let parts: [Statement] = ["a = \(1)", "b = \(2)"]
        #expect(postgres(parts.joined(by: " AND ")) == "a = $1::bigint AND b = $2::bigint")
        #expect(sqlite([Statement]().joined(by: ", ")) == "")
    }

    @Test("takes raw text only by its unsafe name")
    func raw() {
        let statement = Statement(unsafeSQL: "SELECT 1")
        #expect(postgres(statement) == "SELECT 1")
        #expect(statement.rendered(for: .sqlite).values.isEmpty)
    }
}
