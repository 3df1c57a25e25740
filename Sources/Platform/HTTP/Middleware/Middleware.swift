/// A layer around every route, in two halves that do not suspend: most requests pass all of them within microseconds.
/// What must wait, or repeat a route, wraps the route's handler instead.
package protocol Middleware: Sendable {
    /// On the way in, from the outermost layer to the innermost.
    ///
    /// - Parameter match: what the router found.
    /// - Throws: what ends the way in; layers further in do not see the request.
    func receive(_ request: inout Request, _ match: RouteTable.Match) throws

    /// What was thrown further in, as an answer; nil leaves it to the layers further out.
    func recover(from error: any Error, _ request: Request, _ match: RouteTable.Match) -> Response?

    /// On the way out, from the innermost layer to the outermost.
    func complete(_ response: inout Response, to request: Request, _ match: RouteTable.Match)
}

extension Middleware {
    package func receive(_: inout Request, _: RouteTable.Match) throws {}
    package func recover(from _: any Error, _: Request, _: RouteTable.Match) -> Response? { nil }
    package func complete(_: inout Response, to _: Request, _: RouteTable.Match) {}
}
