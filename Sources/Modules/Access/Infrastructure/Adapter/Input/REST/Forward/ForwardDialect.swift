import HTTP
import Shared

/// How a gateway asks, and what it understands.
enum ForwardDialect: String, Sendable, CaseIterable {
    case nginx, caddy, traefik

    /// nginx knows 2xx, 401 and 403 only.
    var tellsStatusInHeaders: Bool { self == .nginx }
}

struct ForwardQuery: Input {
    let dialect: ForwardDialect?

    init(_ fields: inout Fields) {
        dialect = fields.optional("dialect", .choice(ForwardDialect.allCases.map(\.rawValue)))
            .flatMap { ForwardDialect(rawValue: $0) }
    }

    private init(_ dialect: ForwardDialect?) { self.dialect = dialect }

    /// - Throws: a problem 422 for a dialect that there is not.
    static func read(_ request: Request) throws(Problem) -> ForwardQuery {
        // What gateways are configured to send, without the machinery.
        switch request.query {
        case nil: ForwardQuery(nil)
        case "dialect=nginx": ForwardQuery(.nginx)
        case "dialect=caddy": ForwardQuery(.caddy)
        case "dialect=traefik": ForwardQuery(.traefik)
        default: try request.readQuery(ForwardQuery.self)
        }
    }
}
