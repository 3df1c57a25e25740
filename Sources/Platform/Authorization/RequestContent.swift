import HTTP

/// What a route reads of a request beside its path, and how the document tells it. What it does not read is refused: a
/// parameter or a member that somebody sends was meant to do something.
package struct RequestContent<Value: Sendable>: Sendable {
    let describe: @Sendable (HTTP.Operation) -> HTTP.Operation
    let read: @Sendable (Request) throws -> Value

    package static func body(_ type: Value.Type) -> RequestContent where Value: Input {
        RequestContent(
            describe: { $0.withBody(type) },
            read: { request in
                try request.refuseQuery()
                return try request.read(type)
            })
    }

    package static func query(_ type: Value.Type) -> RequestContent where Value: Input {
        RequestContent(
            describe: { $0.withQuery(type) },
            read: { request in
                try request.refuseBody()
                return try request.readQuery(type)
            })
    }
}

extension RequestContent {
    /// A body that may be absent, in any of the formats.
    package static func optionalBody<Body: Input>(
        _ type: Body.Type, formats: [BodyFormat] = [.json]
    ) -> RequestContent where Value == Body? {
        RequestContent(
            describe: { $0.withBody(type, formats: formats, isRequired: false) },
            read: { request in
                try request.refuseQuery()
                return request.body.isEmpty ? nil : try request.read(type, formats: formats)
            })
    }
}

extension RequestContent where Value == Void {
    static var nothing: RequestContent {
        RequestContent(
            describe: { $0 },
            read: { request in
                try request.refuseQuery()
                try request.refuseBody()
            })
    }
}

extension RequestContent where Value == Void {
    /// A form of a page, which the handler reads itself, because the page shows it again if something is wrong.
    package static func form<Body: Input>(_ type: Body.Type) -> RequestContent {
        RequestContent(describe: { $0.withBody(type, formats: [.form]) }, read: { _ in })
    }
}

extension RequestContent where Value == [UInt8] {
    /// Text, which the route takes apart itself.
    package static func text(_ text: TextBody) -> RequestContent {
        RequestContent(
            describe: { $0.withBody(text) },
            read: { request in
                try request.refuseQuery()
                return try request.read(text)
            })
    }
}
