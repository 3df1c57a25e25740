import HTTP
import Shared

extension Request {
    /// The identifier in the path. A text that is no identifier names nothing that there is.
    ///
    /// - Parameter index: which of the placeholders.
    /// - Throws: a problem 404.
    package func pathID<ID: EntityID>(_ index: Int = 0, as _: ID.Type = ID.self) throws(Problem) -> ID {
        guard pathValues.indices.contains(index), let id = ID(text: pathValues[index]) else {
            throw Problem(.notFound)
        }
        return id
    }
}

extension Response {
    /// 201 with the address of what was made.
    package static func created<T: Output>(_ output: T, at location: String) -> Response {
        var response = Response.json(output, status: 201)
        response.set("Location", location)
        return response
    }
}
