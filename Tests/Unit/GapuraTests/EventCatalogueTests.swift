import Composition
import JSON
import Messaging
import Shared
import Testing

@testable import Gapura

@Suite("The catalogue of events")
struct EventCatalogueTests {
    private let descriptions = Modules.described.flatMap(\.events)

    @Test("has every event of the modules once, each with a schema")
    func complete() throws {
        let entries = try EventCatalogue(descriptions).entries
        #expect(entries.count == descriptions.count)
        #expect(entries.allSatisfy { $0.schema["properties"] != nil })
    }

    @Test("its examples are read as what they are, and have every member that is required")
    func examples() throws {
        func again<Event: DomainEvent>(_ event: Event) throws -> (first: String, second: String) {
            let text = try EventCoding.encode(event)
            return (text, try EventCoding.encode(EventCoding.decode(Event.self, from: text)))
        }
        for description in descriptions {
            let (first, second) = try again(description.example)
            #expect(first == second)
            let data = try JSONValue(parsing: Array(first.utf8))
            let schema = try EventCatalogue([description]).entries[0].schema
            for name in schema["required"]?.elements ?? [] {
                #expect(name.text.flatMap { data[$0] } != nil, "\(description.type) has no \(name)")
            }
        }
    }
}
