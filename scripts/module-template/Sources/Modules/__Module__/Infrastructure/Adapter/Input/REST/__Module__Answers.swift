import HTTP
import __Module__Domain

struct __Entity__Answer: Output {
    let __entity__: __Entity__

    static let shape = Shape<__Entity__Answer>("__Entity__") { shape in
        shape.member("id", .id) { $0.__entity__.id }
        shape.member("title", .text) { $0.__entity__.title.text }
        shape.member("created_at", .timestamp) { $0.__entity__.createdAt }
    }
}
