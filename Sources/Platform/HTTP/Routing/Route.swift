/// Answers a request. Throws a `Problem` to refuse, or a failure, which becomes 503 or 500.
package typealias Handler = @Sendable (_ request: Request) async throws -> Response

/// A handler that has its answer without waiting.
package typealias ImmediateHandler = @Sendable (_ request: Request) throws -> Response

/// A handler that mostly has its answer without waiting; nil, with nothing done, if it has not.
package typealias AttemptingHandler = @Sendable (_ request: Request) throws -> Response?

/// One method on one path: what it does and how the OpenAPI document tells it.
package struct Route: Sendable {
    enum Handling: Sendable {
        case immediate(ImmediateHandler)
        case attempting(AttemptingHandler, otherwise: Handler)
        case suspending(Handler)
    }

    /// Shared, because every request copies its route.
    private final class Definition: Sendable {
        let method: Method
        let path: PathTemplate
        let operation: Operation
        let handling: Handling

        init(_ method: Method, _ path: PathTemplate, _ operation: Operation, _ handling: Handling) {
            self.method = method
            self.path = path
            self.operation = operation
            self.handling = handling
        }
    }

    /// Equal for copies of one route.
    typealias Identity = ObjectIdentifier

    private let definition: Definition

    package init(_ method: Method, _ path: PathTemplate, _ operation: Operation, handler: @escaping Handler) {
        definition = Definition(method, path, operation, .suspending(handler))
    }

    /// A route whose answers need no task, because nothing in them waits.
    package init(
        _ method: Method, _ path: PathTemplate, _ operation: Operation, immediate handler: @escaping ImmediateHandler
    ) {
        definition = Definition(method, path, operation, .immediate(handler))
    }

    /// A route whose answers mostly need no task.
    ///
    /// - Parameter handler: answers what the attempt does not.
    package init(
        _ method: Method, _ path: PathTemplate, _ operation: Operation, attempt: @escaping AttemptingHandler,
        handler: @escaping Handler
    ) {
        definition = Definition(method, path, operation, .attempting(attempt, otherwise: handler))
    }

    /// The same route with words for what it reads and answers, for the OpenAPI document.
    package func described(by words: APIWords) -> Route {
        Route(Definition(method, path, operation.described(by: words), handling))
    }

    private init(_ definition: Definition) {
        self.definition = definition
    }

    package var method: Method { definition.method }
    package var path: PathTemplate { definition.path }
    package var operation: Operation { definition.operation }
    var handling: Handling { definition.handling }
    var identity: Identity { ObjectIdentifier(definition) }

    /// A route with a body; it is read before the handler runs. It takes no parameters, unless the body is lenient.
    package init<Body: Input>(
        _ method: Method, _ path: PathTemplate, _ operation: Operation, body: Body.Type,
        formats: [BodyFormat] = [.json],
        handler: @escaping @Sendable (_ request: Request, _ body: Body) async throws -> Response
    ) {
        self.init(method, path, operation.withBody(body, formats: formats)) { request in
            if !body.ignoresUnknown { try request.refuseQuery() }
            return try await handler(request, try request.read(body, formats: formats))
        }
    }

    /// A route with a body that may be absent.
    package init<Body: Input>(
        _ method: Method, _ path: PathTemplate, _ operation: Operation, optionalBody: Body.Type,
        handler: @escaping @Sendable (_ request: Request, _ body: Body?) async throws -> Response
    ) {
        self.init(method, path, operation.withBody(optionalBody, isRequired: false)) { request in
            try await handler(request, try request.readOptional(optionalBody))
        }
    }

    /// A route with a query; it is read before the handler runs.
    package init<Query: Input>(
        _ method: Method, _ path: PathTemplate, _ operation: Operation, query: Query.Type,
        handler: @escaping @Sendable (_ request: Request, _ query: Query) async throws -> Response
    ) {
        self.init(method, path, operation.withQuery(query)) { request in
            try await handler(request, try request.readQuery(query))
        }
    }
}
