/// The rest of the chain: the layers further in, and the route.
package typealias MiddlewareNext = @Sendable (_ request: Request, _ match: RouteTable.Match) async throws -> Response

/// A layer around every route.
package protocol Middleware: Sendable {
    /// - Parameters:
    ///   - match: what the router found.
    ///   - next: the rest of the chain; call it once, or answer instead.
    func handle(_ request: Request, _ match: RouteTable.Match, _ next: MiddlewareNext) async throws -> Response
}
