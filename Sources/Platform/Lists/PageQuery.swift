import HTTP
import Shared

/// The query of a list.
package protocol ListQuery: Input {
    var page: PageQuery { get }
    /// Parameters that do not change which entries are in the list, so that a cursor counts whatever they are.
    static var unbound: Set<String> { get }
}

extension ListQuery {
    package static var unbound: Set<String> { [] }
}

/// `?limit=` and `?cursor=` of every list; alone the query of a list without filters.
package struct PageQuery: ListQuery {
    static let names: Set = ["limit", "cursor"]

    package let limit: Int
    /// As it came.
    let cursor: String?

    package var page: PageQuery { self }

    package init(_ fields: inout Fields) {
        limit = fields.optional("limit", .integer(PageLimits.range)) ?? PageLimits.standard
        cursor = fields.optional("cursor", .opaque(max: SealedCursor.lengthMax))
    }
}
