import JSON

/// Something written into an answer. Its shape names each member once: what is written is what the schema says.
package protocol Output: Sendable {
    static var shape: Shape<Self> { get }
}

/// The members of an output, in order.
package struct Shape<Root>: Sendable {
    fileprivate struct Member: Sendable {
        let name: String
        let schema: JSONObject
        let components: [String: JSONObject]
        let isOptional: Bool
        /// Writes name and value.
        let write: @Sendable (Root, inout JSONWriter) -> Void
    }

    /// Collects the members.
    package struct Builder {
        fileprivate var members: [Member] = []

        package mutating func member<Value>(
            _ name: String, _ type: OutputType<Value>, _ value: @escaping @Sendable (Root) -> Value
        ) {
            append(name, type, type.schema) { root, writer in
                writer.key(name)
                type.write(value(root), &writer)
            }
        }

        /// A member that is null without a value; it is always there.
        package mutating func nullable<Value>(
            _ name: String, _ type: OutputType<Value>, _ value: @escaping @Sendable (Root) -> Value?
        ) {
            append(name, type, type.nullableSchema) { root, writer in
                writer.key(name)
                if let value = value(root) { type.write(value, &writer) } else { writer.null() }
            }
        }

        /// A member that is absent without a value.
        package mutating func optional<Value>(
            _ name: String, _ type: OutputType<Value>, _ value: @escaping @Sendable (Root) -> Value?
        ) {
            append(name, type, type.schema, isOptional: true) { root, writer in
                guard let value = value(root) else { return }
                writer.key(name)
                type.write(value, &writer)
            }
        }

        private mutating func append<Value>(
            _ name: String, _ type: OutputType<Value>, _ schema: JSONObject, isOptional: Bool = false,
            write: @escaping @Sendable (Root, inout JSONWriter) -> Void
        ) {
            members.append(
                Member(
                    name: name, schema: schema, components: type.components, isOptional: isOptional, write: write))
        }
    }

    /// The name in the OpenAPI document.
    package let name: String
    private let members: [Member]

    package init(_ name: String, _ build: (inout Builder) -> Void) {
        var builder = Builder()
        build(&builder)
        self.name = name
        members = builder.members
    }

    package func write(_ root: Root, _ writer: inout JSONWriter) {
        writer.object { writer in
            for member in members { member.write(root, &writer) }
        }
    }

    package var schema: JSONObject {
        [
            "type": "object",
            "properties": .object(JSONObject(members.map { ($0.name, .object($0.schema)) })),
            // Others may come later, so clients must not refuse them.
            "required": .array(members.filter { !$0.isOptional }.map { .string($0.name) }),
        ]
    }

    /// This schema and those that it refers to, by name.
    package var components: [String: JSONObject] {
        members.reduce(into: [name: schema]) { $0.merge($1.components) { first, _ in first } }
    }

    package var reference: JSONObject { ["$ref": .string("#/components/schemas/\(name)")] }
}

extension Response {
    /// - Parameter status: 200 to 299.
    package static func json<T: Output>(_ output: T, status: Int = 200) -> Response {
        var writer = JSONWriter()
        T.shape.write(output, &writer)
        return json(writer.bytes, status: status)
    }

    package static func json(_ document: [UInt8], status: Int = 200) -> Response {
        Response(status: status, headers: [("Content-Type", "application/json")], body: document)
    }

    package static func noContent() -> Response { Response(status: 204) }

    package static func text(_ text: String, status: Int = 200) -> Response {
        Response(status: status, headers: [("Content-Type", "text/plain; charset=utf-8")], body: Array(text.utf8))
    }

    /// A page: styles, pictures, scripts and forms of our own origin, framed by nobody.
    ///
    /// - Parameter formOrigin: another origin to which a form of the page leads; browsers hold redirects of a form to
    ///   the same list.
    package static func page(_ html: String, status: Int = 200, formOrigin: String? = nil) -> Response {
        let forms = formOrigin.map { "'self' \($0)" } ?? "'self'"
        return Response(
            status: status,
            headers: [
                ("Content-Type", "text/html; charset=utf-8"),
                (
                    "Content-Security-Policy",
                    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; form-action \(forms); frame-ancestors 'none'; base-uri 'none'"
                ),
            ],
            body: Array(html.utf8))
    }
}
