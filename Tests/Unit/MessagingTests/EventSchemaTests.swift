import JSON
import Shared
import TestSupport
import Testing

@testable import Messaging

@Suite("The schema of an event")
struct EventSchemaTests {
    private struct Plain: Decodable {
        let userID: Identifier
        let name: String
        let isGood: Bool
        let count: Int
        let share: Double
        let at: Timestamp
        let note: String?
        let lines: [Line]
    }

    private struct Line: Decodable {
        let amount: Int64
        let tag: String?
    }

    /// One of two members is there.
    private struct EitherOr: Decodable {
        private enum Keys: CodingKey { case userID, tenantID, plan }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Keys.self)
            if try fields.decodeIfPresent(Identifier.self, forKey: .userID) == nil {
                _ = try fields.decode(Identifier.self, forKey: .tenantID)
            }
            _ = try fields.decode(String.self, forKey: .plan)
        }
    }

    /// Refuses to be without both.
    private struct AtLeastOne: Decodable {
        private enum Keys: CodingKey { case roleID, userID }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Keys.self)
            let role = try fields.decodeIfPresent(Identifier.self, forKey: .roleID)
            let user = try fields.decodeIfPresent(Identifier.self, forKey: .userID)
            guard role != nil || user != nil else {
                throw DecodingError.dataCorruptedError(forKey: .roleID, in: fields, debugDescription: "neither")
            }
        }
    }

    private struct Counted: Decodable {
        let count: UInt8
    }

    private func text(_ schema: JSONObject) -> String {
        String(decoding: JSONValue.object(schema).serialized, as: UTF8.self)
    }

    @Test("has each member by its name in JSON with its kind; what may be absent is not required")
    func members() throws {
        let schema = try EventSchema.object(of: Plain.self)
        let line =
            #"{"type":"object","properties":{"amount":{"type":"integer"},"tag":{"type":"string"}},"#
            + #""required":["amount"]}"#
        #expect(
            text(schema)
                == #"{"type":"object","properties":{"user_id":{"type":"string","format":"uuid"},"#
                + #""name":{"type":"string"},"is_good":{"type":"boolean"},"count":{"type":"integer"},"#
                + #""share":{"type":"number"},"at":{"type":"string","format":"date-time"},"#
                + #""note":{"type":"string"},"lines":{"type":"array","items":\#(line)}},"#
                + #""required":["user_id","name","is_good","count","share","at","lines"]}"#)
    }

    @Test("requires none of two members of which one is there, and knows both")
    func either() throws {
        let schema = try EventSchema.object(of: EitherOr.self)
        #expect(schema["required"] == ["plan"])
        #expect(schema["properties"]?["user_id"] != nil && schema["properties"]?["tenant_id"] != nil)
        let least = try EventSchema.object(of: AtLeastOne.self)
        #expect(least["required"] == [])
        #expect(least["properties"]?["role_id"] != nil && least["properties"]?["user_id"] != nil)
    }

    @Test("is refused for a member of a kind that it does not know")
    func unknown() {
        #expect(throws: InternalFailure.self) { try EventSchema.object(of: Counted.self) }
    }

    private struct Told: DomainEvent {
        static let type = "thing.told"
        static let source = "/gapura/test"
        static let isPublic = true
        static let version = 2
        let thingID: Identifier
        var subject: Identifier { thingID }
    }

    @Test("a catalogue has a type once, with its version in the path of its schema")
    func catalogue() throws {
        let told = EventDescription(Told(thingID: .example(1)), "It was told.")
        let entry = try #require(try EventCatalogue([told]).entries.first)
        #expect(entry.path == "/schemas/events/thing.told/2.json")
        #expect(entry.reach == .public)
        #expect(entry.schema["title"] == "thing.told" && entry.schema["description"] == "It was told.")
        #expect(entry.schema["examples"] == [entry.example])
        #expect(entry.example == ["thing_id": .string(Identifier.example(1).description)])
        #expect(throws: InternalFailure.self) { try EventCatalogue([told, told]) }
    }

    @Test("the envelope of a public event names its schema, that of an internal one none")
    func envelope() {
        func cloudEvent(_ reach: EventReach, traceparent: String? = nil) -> JSONObject {
            EventEnvelope(
                id: .example(1), source: "/gapura/test", type: "thing.told", subject: .example(2),
                time: Timestamp(seconds: 0), traceparent: traceparent, data: #"{"thing_id":7}"#, reach: reach,
                number: 12, version: 2
            ).cloudEvent(appURL: "https://id.example.com")
        }
        let event = cloudEvent(.public, traceparent: "00-1-2-03")
        #expect(
            event.keys == [
                "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema",
                "traceparent", "partitionkey", "sequence", "data",
            ])
        #expect(event["dataschema"] == "https://id.example.com/schemas/events/thing.told/2.json")
        #expect(event["partitionkey"] == event["subject"])
        #expect(event["sequence"] == "00000000000000000012")
        #expect(event["data"] == ["thing_id": 7])
        #expect(cloudEvent(.internal)["dataschema"] == nil)
    }
}
