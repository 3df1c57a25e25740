import Crypto
import HTTP
import JSON
import Shared

/// Where the next part of a list begins, sealed: those who have it can neither read nor make one. `ListCursors` alone
/// makes them.
package struct SealedCursor: Sendable {
    /// More than the longest key of a list needs.
    static let lengthMax = 1_000

    package let text: String

    fileprivate init(_ text: String) { self.text = text }
}

/// Makes and reads the cursors of every list, under the master key (AES-256-GCM). A cursor counts only in the list that
/// gave it, with the filters it had then; on every process, for as long as the master key is there.
package struct ListCursors: Sendable {
    fileprivate let masterKey: MasterKey

    package init(_ masterKey: MasterKey) {
        self.masterKey = masterKey
    }

    /// A list as one request reads it.
    ///
    /// - Parameters:
    ///   - name: of the list; another one if its key means something else.
    ///   - owner: whose list it is, where each caller has one.
    package func list<Query: ListQuery>(
        _ name: String, of owner: String = "", _ request: Request, _ query: Query
    ) -> ListReading {
        let filters = (FormData(request.query ?? "")?.object.members ?? [])
            .filter { !PageQuery.names.contains($0.key) && !Query.unbound.contains($0.key) }
            .map { "\(PercentCoding.encode($0.key))=\(PercentCoding.encode($0.value.text ?? ""))" }
        let path = request.pathValues.map(PercentCoding.encode)
        let parts = [
            "lists/cursor/1", name, owner, path.joined(separator: "/"), filters.sorted().joined(separator: "&"),
        ]
        return ListReading(cursors: self, binding: parts.joined(separator: "\n"), page: query.page)
    }
}

/// Opens the cursor that a request brought, and seals the one that its answer takes along.
package struct ListReading: Sendable {
    fileprivate let cursors: ListCursors
    fileprivate let binding: String
    fileprivate let page: PageQuery

    /// - Throws: a problem 422 for a cursor that this list did not give with these filters; `InternalFailure`.
    package func request<Key: ListKey>() throws -> PageRequest<Key> {
        guard let text = page.cursor else { return PageRequest(limit: page.limit) }
        guard let key: Key = try open(text) else {
            throw Problem.validation([
                FieldError("cursor", "is not one that this list gave with these filters; start again without it")
            ])
        }
        return PageRequest(limit: page.limit, after: key)
    }

    /// - Throws: `InternalFailure`.
    package func cursor(behind key: (some ListKey)?) throws -> SealedCursor? {
        try key.map { key in
            let sealed = try cursors.masterKey.wrap(Array(key.description.utf8), boundTo: binding)
            return SealedCursor(Base64URL.encode(sealed))
        }
    }

    private func open<Key: ListKey>(_ text: String) throws -> Key? {
        guard let sealed = Base64URL.decode(text) else { return nil }
        do {
            let bytes = try cursors.masterKey.unwrap(sealed, boundTo: binding).reveal()
            return String(validating: bytes, as: UTF8.self).flatMap { Key($0) }
        } catch is UnwrapError {
            return nil
        }
    }
}
