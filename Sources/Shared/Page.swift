/// Where an entry stands in a list: `<` says which of two comes first, and no two entries of one list are equal.
///
/// It is made of what the list is ordered by, so that it keeps its meaning when the entry changes or is gone. Its
/// description is what a cursor carries.
package protocol ListKey: Comparable, Sendable, LosslessStringConvertible {}

/// What part of a list is wanted.
package struct PageRequest<Key: ListKey>: Sendable {
    /// 1 to 100.
    package let limit: Int
    /// The part begins behind this place, whether an entry still stands there or not; nil for the beginning.
    package let after: Key?

    /// - Parameter limit: brought into 1 to 100.
    package init(limit: Int = PageLimits.standard, after: Key? = nil) {
        self.limit = min(max(limit, PageLimits.range.lowerBound), PageLimits.range.upperBound)
        self.after = after
    }
}

package enum PageLimits {
    package static let range: ClosedRange<Int> = 1...100
    package static let standard = 20
}

/// One part of a list.
package struct Page<Item: Sendable, Key: ListKey>: Sendable {
    package let items: [Item]
    /// The place of the last item if there are more behind it; nil at the end.
    package let next: Key?

    private init(items: [Item], next: Key?) {
        self.items = items
        self.next = next
    }

    /// A part of a list that is had whole, in any order.
    package init(of all: [Item], _ request: PageRequest<Key>, by key: (Item) -> Key) {
        let behind = all.map { (key: key($0), item: $0) }
            .filter { entry in request.after.map { $0 < entry.key } ?? true }
            .sorted { $0.key < $1.key }
        let items = behind.prefix(request.limit + 1).map(\.item)
        self.init(overfetched: items, limit: request.limit, by: key)
    }

    /// From one item more than was asked for: the extra one only says that there is a next page.
    package init(overfetched items: [Item], limit: Int, by key: (Item) -> Key) {
        let page = Array(items.prefix(limit))
        self.init(items: page, next: items.count > limit ? page.last.map(key) : nil)
    }

    package func map<Other: Sendable>(_ transform: (Item) throws -> Other) rethrows -> Page<Other, Key> {
        Page<Other, Key>(items: try items.map(transform), next: next)
    }
}
