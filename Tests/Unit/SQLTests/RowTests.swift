import SQL
import Shared
import Testing

private struct UserID: EntityID {
    let value: Identifier
    init(_ value: Identifier) { self.value = value }
}

@Suite("A row")
struct RowTests {
    private let identifier = Identifier(high: 3, low: 4)

    private func message(_ read: () throws -> Void) -> String? {
        do {
            try read()
            return nil
        } catch {
            return (error as? InternalFailure)?.description
        }
    }

    @Test("gives values of the types that PostgreSQL has")
    func richTypes() throws {
        let row = Row([
            .identifier(identifier), .timestamp(Timestamp(seconds: 1)), .boolean(true), .json("{}"), .text("t"),
            .integer(.max), .number(0.5), .bytes([9]),
        ])
        #expect(try row.identifier(0) == identifier)
        #expect(try row.id(0, as: UserID.self) == UserID(identifier))
        #expect(try row.timestamp(1) == Timestamp(seconds: 1))
        #expect(try row.bool(2))
        #expect(try row.json(3) == "{}")
        #expect(try row.text(4) == "t")
        #expect(try row.integer(5) == Int.max)
        #expect(try row.number(6) == 0.5)
        #expect(try row.bytes(7) == [9])
    }

    @Test("gives the same from the classes in which SQLite stores them")
    func storageClasses() throws {
        let row = Row([.bytes(identifier.bytes), .integer(1_000), .integer(1), .integer(0), .text("{}")])
        #expect(try row.identifier(0) == identifier)
        #expect(try row.timestamp(1) == Timestamp(seconds: 1))
        #expect(try row.bool(2))
        #expect(try !row.bool(3))
        #expect(try row.json(4) == "{}")
    }

    @Test("says column and wanted type of a wrong one, never the value")
    func wrongType() {
        let row = Row([.text("secret"), .integer(7), .bytes([1, 2]), .null(.text)])
        #expect(message { _ = try row.integer(0) } == "column 0: wanted integer, found text")
        #expect(message { _ = try row.bool(1) } == "column 1: wanted boolean, found integer")
        #expect(message { _ = try row.identifier(2) } == "column 2: wanted identifier, found bytes")
        #expect(message { _ = try row.text(3) } == "column 3: wanted text, found NULL")
        #expect(message { _ = try row.optionalTimestamp(0) } == "column 0: wanted timestamp, found text")
        #expect(message { _ = try row.text(4) } == "column 4: wanted text, the row has 4 columns")
        #expect(message { _ = try row.optionalText(-1) } == "column -1: wanted text, the row has 4 columns")
    }

    @Test("gives nil for NULL where that is allowed, of whatever type the NULL is")
    func optionals() throws {
        let row = Row([.null(.text)])
        #expect(try row.optionalText(0) == nil)
        #expect(try row.optionalInteger(0) == nil)
        #expect(try row.optionalNumber(0) == nil)
        #expect(try row.optionalBool(0) == nil)
        #expect(try row.optionalBytes(0) == nil)
        #expect(try row.optionalIdentifier(0) == nil)
        #expect(try row.optionalID(0, as: UserID.self) == nil)
        #expect(try row.optionalTimestamp(0) == nil)
        #expect(try row.optionalJSON(0) == nil)
        #expect(try row.isNull(0))
    }

    @Test("is read column by column")
    func reader() throws {
        var next = Row([.identifier(identifier), .text("n"), .null(.timestamp), .integer(4)]).reader
        let id: UserID = try next.id()
        #expect(id == UserID(identifier))
        #expect(try next.text() == "n")
        #expect(try next.optionalTimestamp() == nil)
        #expect(try next.integer() == 4)
        #expect(message { _ = try next.text() } == "column 4: wanted text, the row has 4 columns")
    }
}
