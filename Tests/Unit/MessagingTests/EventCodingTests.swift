import Shared
import TestSupport
import Testing

@testable import Messaging

@Suite("Events as JSON")
struct EventCodingTests {
    @Test(
        "a property's name is snake_case in JSON, and back",
        arguments: [
            ("user", "user"), ("id", "id"), ("userID", "user_id"), ("apiKeyID", "api_key_id"),
            ("loginCodeID", "login_code_id"), ("windowStart", "window_start"), ("step2Done", "step2_done"),
        ])
    func names(_ property: String, _ name: String) {
        #expect(EventCoding.snakeCase(property) == name)
        #expect(EventCoding.camelCase(name) == property)
    }

    @Test("an abbreviation before another word is a word of its own")
    func abbreviation() {
        #expect(EventCoding.snakeCase("httpURLPath") == "http_url_path")
        #expect(EventCoding.snakeCase("IDOfUser") == "id_of_user")
    }

    @Test("an event comes back as it was, also what is inside of a field")
    func event() throws {
        let order = OrderPaid(orderID: SequentialIdentifiers.identifier(1), paidBy: nil, firstItem: .init(itemID: 7))
        let json = try EventCoding.encode(order)
        #expect(json == #"{"first_item":{"item_id":7},"order_id":"\#(order.orderID)"}"#)
        #expect(try EventCoding.decode(OrderPaid.self, from: json) == order)
        #expect(throws: DecodingError.self) {
            try EventCoding.decode(OrderPaid.self, from: #"{"firstItem":{"itemID":7}}"#)
        }
    }

    private struct OrderPaid: Codable, Equatable {
        struct Item: Codable, Equatable {
            let itemID: Int
        }

        let orderID: Identifier
        let paidBy: Identifier?
        let firstItem: Item
    }
}
