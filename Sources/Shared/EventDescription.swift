/// What the catalogue of events says of a type: a value in the Contract of the module that publishes it.
package struct EventDescription: Sendable {
    package let type: any DomainEvent.Type
    /// When it is published: one sentence, the first word in upper case.
    package let summary: String
    /// With every member that can be there at once.
    package let example: any DomainEvent

    package init<Event: DomainEvent>(_ example: Event, _ summary: String) {
        type = Event.self
        self.summary = summary
        self.example = example
    }
}

extension Identifier {
    /// One for examples, which nothing has.
    package static func example(_ number: UInt64) -> Identifier {
        Identifier(high: 0x01A1_FE61_E9C8_7000, low: 0x8660_6A78_C81C_2EA0 + number)
    }
}
