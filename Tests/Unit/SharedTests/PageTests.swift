import Shared
import Testing

@Suite("Parts of a list")
struct PageTests {
    private func page(_ all: [Int], limit: Int, after cursor: String? = nil) -> Page<Int> {
        Page(of: all, PageRequest(limit: limit, cursor: cursor)) { String($0) }
    }

    @Test("lead through the whole list, each item once, whatever the limit", arguments: 1...8)
    func walk(_ limit: Int) {
        let all = Array(1...7)
        var seen: [Int] = []
        var cursor: String?
        repeat {
            let part = page(all, limit: limit, after: cursor)
            #expect(!part.items.isEmpty && part.items.count <= limit)
            seen += part.items
            cursor = part.nextCursor
        } while cursor != nil
        #expect(seen == all)
    }

    @Test("end exactly where the list ends")
    func exactEnd() {
        #expect(page([1, 2], limit: 2).nextCursor == nil)
        #expect(page([1, 2, 3], limit: 2).nextCursor == "2")
        #expect(page([1, 2], limit: 2, after: "2").items.isEmpty)
        #expect(page([], limit: 2).items.isEmpty)
    }

    @Test("after an item that is gone, or a cursor that never was, are empty and the last")
    func unknownCursor() {
        let part = page([1, 2, 3], limit: 2, after: "nonsense")
        #expect(part.items.isEmpty)
        #expect(part.nextCursor == nil)
    }

    @Test("have 1 to 100 items, whatever is asked for", arguments: [(-1, 1), (0, 1), (1, 1), (100, 100), (101, 100)])
    func limits(_ asked: Int, _ limit: Int) {
        #expect(PageRequest(limit: asked).limit == limit)
    }

    @Test("a change keeps, clears or sets")
    func change() {
        let changes: [Change<String>] = [.keep, .clear, .set("new")]
        #expect(changes.map { $0.applied(to: "old") } == ["old", nil, "new"])
        #expect(changes.map { $0.applied(to: nil) } == [nil, nil, "new"])
    }
}
