internal import CPQ
import SQL
import Shared

/// What the server answered to one command. Owns libpq's memory of it.
final class QueryResult {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    deinit { PQclear(handle) }

    var status: ExecStatusType { PQresultStatus(handle) }

    /// `COMMIT`, `UPDATE 3`.
    var tag: String { PQcmdStatus(handle).map { String(cString: $0) } ?? "" }

    var rowCount: Int { Int(PQntuples(handle)) }

    /// How many rows the command inserted, updated or deleted; 0 for any other.
    var changedRows: Int {
        let tag = tag
        guard tag.hasPrefix("INSERT") || tag.hasPrefix("UPDATE") || tag.hasPrefix("DELETE") || tag.hasPrefix("MERGE")
        else { return 0 }
        return PQcmdTuples(handle).flatMap { Int(String(cString: $0)) } ?? 0
    }

    /// A part of an error.
    ///
    /// - Parameter code: `PG_DIAG_...`.
    func field(_ code: Unicode.Scalar) -> String? {
        PQresultErrorField(handle, Int32(code.value)).map { String(cString: $0) }
    }

    /// Copies of the rows.
    ///
    /// - Parameter most: how many at the most.
    /// - Throws: `InternalFailure` for a type that this driver does not read.
    func rows(atMost most: Int = .max) throws -> [Row] {
        let columns = try (0..<PQnfields(handle)).map { column in
            guard let type = ColumnType(oid: PQftype(handle, column)) else {
                throw unreadable(column, "has a type that is not read (OID \(PQftype(handle, column))); cast it")
            }
            return type
        }
        return try (0..<Int32(min(most, rowCount))).map { row in
            Row(
                try columns.enumerated().map { index, type in
                    let column = Int32(index)
                    if PQgetisnull(handle, row, column) == 1 { return .null(.text) }
                    let bytes = UnsafeRawBufferPointer(
                        start: PQgetvalue(handle, row, column), count: Int(PQgetlength(handle, row, column)))
                    guard let value = type.value(bytes) else { throw unreadable(column, "holds what is not read") }
                    return value
                })
        }
    }

    private func unreadable(_ column: Int32, _ reason: String) -> InternalFailure {
        let name = PQfname(handle, column).map { String(cString: $0) } ?? ""
        return InternalFailure("column \(column) (\(name)) \(reason)")
    }
}
