import Crypto
import HTTP
import Lists
import Shared
import Testing

private struct FilteredQuery: ListQuery {
    static let unbound: Set = ["wait"]

    let page: PageQuery

    init(_ fields: inout Fields) {
        _ = fields.optional("state", .text(1...100))
        _ = fields.optional("queue", .text(1...100))
        _ = fields.optional("wait", .integer(0...5))
        page = PageQuery(&fields)
    }
}

@Suite("The cursors of lists")
struct ListCursorsTests {
    private static func key(_ byte: UInt8) -> Secret<[UInt8]> {
        Secret([UInt8](repeating: byte, count: MasterKey.byteCount))
    }

    private func cursors(_ keys: UInt8...) throws -> ListCursors {
        ListCursors(try MasterKey(keys: keys.map(Self.key)))
    }

    private func list(
        _ name: String, _ query: String? = nil, path: [String] = [], owner: String = "", by cursors: ListCursors? = nil
    ) throws -> ListReading {
        var request = Request(method: .get, path: "/", query: query)
        request.pathValues = path
        return (try cursors ?? self.cursors(1)).list(
            name, of: owner, request, try request.readQuery(FilteredQuery.self))
    }

    /// Of an entry called `name` in the list `things`.
    private func cursor(_ query: String? = nil, path: [String] = [], owner: String = "") throws -> String {
        let cursor = try list("things", query, path: path, owner: owner).cursor(behind: ByName("name"))
        return try #require(cursor?.text)
    }

    private func isRefused(_ list: ListReading) throws -> Bool {
        do {
            let _: PageRequest<ByName> = try list.request()
            return false
        } catch let problem as Problem {
            #expect(problem.kind == .validationFailed && problem.fieldErrors.map(\.field) == ["cursor"])
            return true
        }
    }

    @Test("lead on behind the entry, on any process with the same master key, also when it is no longer the first")
    func opened() throws {
        let text = try cursor()
        for cursors in [try cursors(1), try cursors(2, 1)] {
            let part: PageRequest<ByName> = try list("things", "cursor=\(text)&limit=7", by: cursors).request()
            #expect(part.after == ByName("name") && part.limit == 7)
        }
        let first: PageRequest<ByName> = try list("things").request()
        #expect(first.after == nil && first.limit == 20)
        #expect(try list("things").cursor(behind: ByName?.none)?.text == nil)
    }

    @Test("tell nothing, and are never the same twice")
    func opaque() throws {
        let text = try cursor()
        let bytes = try #require(Base64URL.decode(text))
        #expect(!String(decoding: bytes, as: UTF8.self).contains("name"))
        #expect(try cursor() != text)
    }

    @Test("are refused with any one character changed, cut or added")
    func mangled() throws {
        let text = try cursor()
        for index in text.indices {
            var changed = text
            changed.replaceSubrange(index...index, with: text[index] == "A" ? "B" : "A")
            #expect(try isRefused(try list("things", "cursor=\(changed)")), "\(changed)")
        }
        for changed in [String(text.dropLast()), String(text.dropFirst()), text + "A", "A" + text, text + "%3D"] {
            #expect(try isRefused(try list("things", "cursor=\(changed)")), "\(changed)")
        }
    }

    @Test(
        "are refused where nobody made them: plain identifiers of before, names, numbers",
        arguments: ["01a1fe61-f452-7000-bb7f-ab8f35d7ad7e", "name", "0", "null", "d_AAAA"])
    func foreign(_ text: String) throws {
        #expect(try isRefused(try list("things", "cursor=\(text)")))
    }

    @Test("count in their own list only: of one name, one path, one owner and one installation")
    func bound() throws {
        let text = try cursor("state=open", path: ["7"], owner: "ana")
        let query = "cursor=\(text)&state=open"
        #expect(try !isRefused(try list("things", query, path: ["7"], owner: "ana")))
        #expect(try isRefused(try list("others", query, path: ["7"], owner: "ana")))
        #expect(try isRefused(try list("things", query, path: ["8"], owner: "ana")))
        #expect(try isRefused(try list("things", query, path: ["7"], owner: "budi")))
        #expect(try isRefused(try list("things", query, path: ["7"], owner: "ana", by: try cursors(2))))
    }

    @Test("count with their own filters only, in any order, and with any limit")
    func filters() throws {
        let text = try cursor("state=open&queue=a%26b&limit=5&wait=3")
        for query in ["queue=a%26b&state=open", "state=open&limit=9&queue=a%26b", "state=open&queue=a%26b&wait=1"] {
            #expect(try !isRefused(try list("things", "\(query)&cursor=\(text)")), "\(query)")
        }
        for query in ["state=open", "", "state=closed&queue=a%26b", "state=open&queue=a", "queue=open&state=a%26b"] {
            #expect(try isRefused(try list("things", "\(query)&cursor=\(text)")), "\(query)")
        }
    }

    @Test("a part has 20 entries unless 1 to 100 are asked for")
    func limits() throws {
        for query in [
            "limit=0", "limit=101", "limit=x", "limit=", "limit=1.5", "cursor=",
            "cursor=" + String(repeating: "a", count: 1_001),
        ] {
            #expect(throws: Problem.self) { try list("things", query) }
        }
    }
}
