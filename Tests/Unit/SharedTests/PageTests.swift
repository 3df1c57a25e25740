import Shared
import Testing

@Suite("Parts of a list")
struct PageTests {
    private func page(_ all: [String], limit: Int, after last: ByName? = nil) -> Page<String, ByName> {
        Page(of: all, PageRequest(limit: limit, after: last)) { ByName($0) }
    }

    @Test("lead through the whole list in its order, each item once, whatever the limit", arguments: 1...8)
    func walk(_ limit: Int) {
        var seen: [String] = []
        var last: ByName?
        repeat {
            let part = page(["d", "a", "g", "c", "b", "f", "e"], limit: limit, after: last)
            #expect(!part.items.isEmpty && part.items.count <= limit)
            seen += part.items
            last = part.next
        } while last != nil
        #expect(seen == ["a", "b", "c", "d", "e", "f", "g"])
    }

    @Test("end exactly where the list ends")
    func exactEnd() {
        #expect(page(["a", "b"], limit: 2).next == nil)
        #expect(page(["a", "b", "c"], limit: 2).next == ByName("b"))
        #expect(page(["a", "b"], limit: 2, after: ByName("b")).items.isEmpty)
        #expect(page([], limit: 2).items.isEmpty)
    }

    @Test("go on behind the place of an item that is gone")
    func goneItem() {
        let part = page(["a", "b", "d", "e", "f"], limit: 2, after: ByName("c"))
        #expect(part.items == ["d", "e"] && part.next == ByName("e"))
    }

    @Test("an item more than was asked for only says that there is a next part")
    func overfetched() {
        func part(_ items: [String]) -> Page<String, ByName> { Page(overfetched: items, limit: 2) { ByName($0) } }
        #expect(part(["a", "b", "c"]).items == ["a", "b"] && part(["a", "b", "c"]).next == ByName("b"))
        #expect(part(["a", "b"]).items == ["a", "b"] && part(["a", "b"]).next == nil)
        #expect(part([]).next == nil)
    }

    @Test("keep their place when their items are made something else")
    func mapped() {
        let part = page(["a", "b", "c"], limit: 2).map(\.utf8.count)
        #expect(part.items == [1, 1] && part.next == ByName("b"))
    }

    @Test(
        "have 1 to 100 items, whatever is asked for", arguments: [(Int.min, 1), (0, 1), (1, 1), (100, 100), (101, 100)])
    func limits(_ asked: Int, _ limit: Int) {
        #expect(PageRequest<ByName>(limit: asked).limit == limit)
    }

    @Test("names are ordered by their bytes, and two spellings of one character are two names")
    func names() {
        #expect(ByName("Z") < ByName("a") && ByName("z") < ByName("\u{E9}"))
        #expect(ByName("\u{E9}") != ByName("e\u{301}") && ByName("e\u{301}") < ByName("\u{E9}"))
    }

    @Test("the newest comes first, and a place is read as it was written")
    func newestFirst() {
        let (older, newer) = (Identifier(high: 1, low: 2), Identifier(high: 1, low: 3))
        #expect(NewestFirst(newer) < NewestFirst(older))
        #expect(NewestFirst(NewestFirst(newer).description) == NewestFirst(newer))
        #expect(NewestFirst("1") == nil)
    }

    @Test("a change keeps, clears or sets")
    func change() {
        let changes: [Change<String>] = [.keep, .clear, .set("new")]
        #expect(changes.map { $0.applied(to: "old") } == ["old", nil, "new"])
        #expect(changes.map { $0.applied(to: nil) } == [nil, nil, "new"])
    }
}
