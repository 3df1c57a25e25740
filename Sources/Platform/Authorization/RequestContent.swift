import HTTP

/// What a route reads of a request beside its path, and how the document tells it.
package struct RequestContent<Value: Sendable>: Sendable {
    let describe: @Sendable (HTTP.Operation) -> HTTP.Operation
    let read: @Sendable (Request) throws -> Value

    package static func body(_ type: Value.Type) -> RequestContent where Value: Input {
        RequestContent(describe: { $0.withBody(type) }, read: { try $0.read(type) })
    }

    package static func query(_ type: Value.Type) -> RequestContent where Value: Input {
        RequestContent(describe: { $0.withQuery(type) }, read: { try $0.readQuery(type) })
    }
}

extension RequestContent where Value == Void {
    static var nothing: RequestContent { RequestContent(describe: { $0 }, read: { _ in }) }
}

extension RequestContent where Value == [UInt8] {
    /// Text, which the route takes apart itself.
    package static func text(_ text: TextBody) -> RequestContent {
        RequestContent(describe: { $0.withBody(text) }, read: { try $0.read(text) })
    }
}
