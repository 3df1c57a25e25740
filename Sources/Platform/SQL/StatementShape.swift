/// A statement's text in pieces, without its values.
///
/// Two are equal if they come from the same place in the program and have the same parameters. The same text from two
/// places makes two.
package struct StatementShape: Sendable, Hashable {
    enum Piece: Sendable {
        case literal(StaticString)
        case text(String)
        case parameter(SQLType)
        case alternative(DialectText)
    }

    private(set) var pieces: [Piece] = []

    mutating func append(_ piece: Piece) { pieces.append(piece) }
    mutating func append(_ other: StatementShape) { pieces += other.pieces }
    mutating func reserveCapacity(_ count: Int) { pieces.reserveCapacity(count) }

    /// The text for one database.
    ///
    /// SQLite gets `?`. PostgreSQL gets `$1::uuid` and so on: always with the type, so that NULL and other values
    /// share one prepared statement and `$1 IS NULL` is understood. To give a column of another type, write the
    /// cast: `CAST(\(text) AS inet)`.
    package func text(for dialect: Dialect) -> String {
        var parameters = 0
        return pieces.map { piece in
            switch piece {
            case .literal(let literal): return literal.description
            case .text(let text): return text
            case .alternative(let text): return dialect == .sqlite ? text.sqlite : text.postgres
            case .parameter(let type):
                parameters += 1
                return dialect == .sqlite ? "?" : "$\(parameters)::\(type.postgresName)"
            }
        }.joined()
    }

    /// By the first piece and the count alone, which tell nearly all of a program's statements apart.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(pieces.count)
        switch pieces.first {
        case .literal(let literal): hasher.combine(literal.address)
        case .text(let text): hasher.combine(text)
        case .parameter, .alternative, nil: break
        }
    }
}

extension StatementShape.Piece: Equatable {
    /// Literals are compared by their place in the program, which is never another's.
    static func == (one: Self, other: Self) -> Bool {
        switch (one, other) {
        case (.literal(let one), .literal(let other)):
            one.address == other.address && one.utf8CodeUnitCount == other.utf8CodeUnitCount
        case (.text(let one), .text(let other)): one == other
        case (.parameter(let one), .parameter(let other)): one == other
        case (.alternative(let one), .alternative(let other)):
            one.sqlite == other.sqlite && one.postgres == other.postgres
        default: false
        }
    }
}

extension StaticString {
    /// Where the literal stands; a single scalar, which may have no place, is taken as its own number.
    fileprivate var address: UInt {
        hasPointerRepresentation ? UInt(bitPattern: utf8Start) : UInt(unicodeScalar.value)
    }
}
