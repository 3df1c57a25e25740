import Shared

/// `?limit=` and `?cursor=` of every list.
package struct PageQuery: Input {
    package let page: PageRequest

    package init(_ fields: inout Fields) {
        let limit = fields.optional("limit", .integer(PageRequest.limits))
        let cursor = fields.optional("cursor", .opaque(max: 200))
        page = PageRequest(limit: limit ?? PageRequest.defaultLimit, cursor: cursor)
    }
}
