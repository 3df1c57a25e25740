import JSON
import Shared

/// The answer of every list: `{"data": [...], "next_cursor": null}`.
package struct PageOutput<Item: Output>: Output {
    package let page: Page<Item>

    package init(_ page: Page<Item>) {
        self.page = page
    }

    package static var shape: Shape<PageOutput<Item>> {
        Shape("\(Item.shape.name)Page") { shape in
            shape.member("data", .list(of: .object)) { $0.page.items }
            shape.nullable("next_cursor", .text) { $0.page.nextCursor }
        }
    }
}
