import HTTP
import Lists
import Shared

extension Route {
    /// A list behind the gate, part by part. A list that needs no permission is the caller's own, and so are its
    /// cursors.
    ///
    /// - Parameters:
    ///   - operation: without its answer, which is a part of the list.
    ///   - handler: gives the part that is asked for.
    package init<Query: ListQuery, Item: Output, Key: ListKey>(
        list path: PathTemplate, _ operation: HTTP.Operation, needs need: Need, gate: any Gate, cursors: ListCursors,
        reads query: Query.Type,
        handler:
            @escaping @Sendable (
                _ request: Request, _ query: Query, _ part: PageRequest<Key>, _ principal: Principal
            ) async throws -> Page<Item, Key>
    ) {
        let answer = Answer.json(200, PageOutput<Item>.self, "A part of the list")
        self.init(
            .get, path, operation.answering(answer), needs: need, gate: gate, reads: .query(query)
        ) { request, query, principal in
            let owner = need.permission == nil ? principal.userID.description : ""
            let list = cursors.list(operation.id, of: owner, request, query)
            let page = try await handler(request, query, try list.request(), principal)
            return .json(PageOutput(page.items, next: try list.cursor(behind: page.next)))
        }
    }
}
