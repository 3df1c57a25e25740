import Shared
import TestSupport
import Testing

@Suite("Identifiers")
struct IdentifierTests {
    private struct ThingID: EntityID {
        let value: Identifier
        init(_ value: Identifier) { self.value = value }
    }

    private static let text = "01900a2b-3c4d-7e5f-8a6b-0c1d2e3f4a5b"

    @Test("are read in either case and written in lower case")
    func text() throws {
        let identifier = try #require(Identifier(Self.text))
        #expect(identifier.description == Self.text)
        #expect(Identifier(Self.text.uppercased()) == identifier)
        #expect(Identifier(bytes: identifier.bytes) == identifier)
        #expect(identifier.bytes.first == 0x01 && identifier.bytes.last == 0x5B)
    }

    @Test(
        "anything but the 36-character form is none",
        arguments: [
            "", "01900a2b3c4d7e5f8a6b0c1d2e3f4a5b", "01900a2b-3c4d-7e5f-8a6b-0c1d2e3f4a5",
            "01900a2b-3c4d-7e5f-8a6b-0c1d2e3f4a5b0",
            "01900a2b-3c4d-7e5f-8a6b_0c1d2e3f4a5b", "0190-0a2b3c4d-7e5f-8a6b-0c1d2e3f4a5b",
            "g1900a2b-3c4d-7e5f-8a6b-0c1d2e3f4a5b",
            "{01900a2b-3c4d-7e5f-8a6b-0c1d2e3f4a5b}", " 01900a2b-3c4d-7e5f-8a6b-0c1d2e3f4a5b",
            "------------------------------------",
        ])
    func notText(_ text: String) {
        #expect(Identifier(text) == nil)
    }

    @Test("have 16 bytes and no other number")
    func bytes() {
        #expect(Identifier(bytes: [UInt8](repeating: 1, count: 15)) == nil)
        #expect(Identifier(bytes: [UInt8](repeating: 1, count: 17)) == nil)
        #expect(Identifier(bytes: [UInt8](repeating: 0xFF, count: 16)) == Identifier(high: .max, low: .max))
    }

    @Test("sort as their bytes do")
    func order() {
        let sorted = [Identifier(high: 0, low: 1), Identifier(high: 0, low: .max), Identifier(high: 1, low: 0)]
        #expect(sorted.shuffled().sorted() == sorted)
        #expect(sorted.map(\.description).sorted() == sorted.map(\.description))
    }

    @Test("are UUIDv7 of their moment")
    func version7() {
        let clock = ManualClock(Timestamp(milliseconds: 0x0123_4567_89AB))
        let identifier = TimeOrderedIdentifierSource(clock: clock, random: SeededRandom()).next()
        #expect(identifier.high >> 16 == 0x0123_4567_89AB)
        #expect(identifier.high >> 12 & 0xF == 7)
        #expect(identifier.low >> 62 == 0b10)
    }

    @Test("tell when they were made, unless they are no UUIDv7")
    func madeAt() throws {
        let clock = ManualClock()
        let identifier = TimeOrderedIdentifierSource(clock: clock, random: SeededRandom()).next()
        #expect(identifier.madeAt == clock.now)
        #expect(Identifier("01900a2b-3c4d-4e5f-8a6b-0c1d2e3f4a5b")?.madeAt == nil)
        #expect(Identifier("01900a2b-3c4d-7e5f-0a6b-0c1d2e3f4a5b")?.madeAt == nil)
    }

    @Test("are parted by the bound of a moment into earlier and later ones")
    func lowerBound() {
        let clock = ManualClock()
        let source = TimeOrderedIdentifierSource(clock: clock, random: SeededRandom())
        let before = source.next()
        clock.advance(by: .milliseconds(1))
        let bound = Identifier.lowerBound(at: clock.now)
        #expect(before < bound && bound < source.next())
        let (first, last) = (Timestamp(milliseconds: .min), Timestamp(milliseconds: .max))
        #expect(Identifier.lowerBound(at: first) == Identifier(high: 0, low: 0))
        #expect(Identifier.lowerBound(at: last) == Identifier(high: 0xFFFF_FFFF_FFFF_0000, low: 0))
    }

    @Test("sort in the order of their making, in one millisecond, beyond its counter, and when the clock goes back")
    func ordered() {
        let clock = ManualClock()
        let source = TimeOrderedIdentifierSource(clock: clock, random: SeededRandom())
        var made = (0..<10_000).map { _ in source.next() }
        clock.advance(by: .seconds(-3_600))
        made.append(source.next())
        clock.advance(by: .seconds(7_200))
        made.append(source.next())
        #expect(zip(made, made.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("of many tasks are all different")
    func unique() async {
        let source = TimeOrderedIdentifierSource(clock: ManualClock())
        let all = await withTaskGroup(of: [Identifier].self) { group in
            for _ in 0..<8 { group.addTask { (0..<500).map { _ in source.next() } } }
            var all: Set<Identifier> = []
            for await some in group { all.formUnion(some) }
            return all
        }
        #expect(all.count == 4_000)
    }

    @Test("of entities are read, written and sorted as their value is")
    func entities() throws {
        let id = try #require(ThingID(text: Self.text))
        #expect(id.description == Self.text)
        #expect(ThingID(text: "nonsense") == nil)
        #expect(ThingID(Identifier(high: 0, low: 1)) < ThingID(Identifier(high: 0, low: 2)))
    }
}
