/// What part of a list is wanted.
package struct PageRequest: Sendable {
    /// 1 to 100.
    package let limit: Int
    /// After which entry; opaque to the caller.
    package let cursor: String?

    package static let limits: ClosedRange<Int> = 1...100
    package static let defaultLimit = 20

    /// - Parameter limit: brought into 1 to 100.
    package init(limit: Int = defaultLimit, cursor: String? = nil) {
        self.limit = min(max(limit, Self.limits.lowerBound), Self.limits.upperBound)
        self.cursor = cursor
    }
}

/// One part of a list.
package struct Page<Item: Sendable>: Sendable {
    package let items: [Item]
    /// Where the next part starts; nil at the end.
    package let nextCursor: String?

    package init(items: [Item], nextCursor: String?) {
        self.items = items
        self.nextCursor = nextCursor
    }

    /// A part of a list that is short enough to be had whole.
    package init(of all: [Item], _ request: PageRequest, cursor: (Item) -> String) {
        let rest = request.cursor.map { after in all.drop { cursor($0) != after }.dropFirst() } ?? all[...]
        self.init(overfetched: Array(rest.prefix(request.limit + 1)), limit: request.limit, cursor: cursor)
    }

    /// From one item more than was asked for: the extra one only says that there is a next page.
    package init(overfetched items: [Item], limit: Int, cursor: (Item) -> String) {
        let page = Array(items.prefix(limit))
        self.init(items: page, nextCursor: items.count > limit ? page.last.map(cursor) : nil)
    }
}
