import HTTP
import Shared

/// The answer of every list: `{"data": [...], "next_cursor": null}`.
package struct PageOutput<Item: Output>: Output {
    package let items: [Item]
    package let next: SealedCursor?

    package init(_ items: [Item], next: SealedCursor?) {
        self.items = items
        self.next = next
    }

    package static var shape: Shape<PageOutput<Item>> {
        Shape("\(Item.shape.name)Page") { shape in
            shape.member("data", .list(of: .object)) { $0.items }
            shape.nullable("next_cursor", .text) { $0.next?.text }
        }
    }
}
