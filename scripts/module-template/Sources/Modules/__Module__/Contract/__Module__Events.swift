import Shared

/// An event of __Module__. Its JSON is the `data` of the envelope.
package protocol __Module__Event: DomainEvent {
    var __entity__ID: __Entity__ID { get }
}

extension __Module__Event {
    package static var source: String { "/gapura/__path__" }
    package static var isPublic: Bool { true }
    package var subject: Identifier { __entity__ID.value }
}

/// There is one more __words__.
package struct __Entity__Created: __Module__Event {
    package static let type = "__snake__.created"
    package let __entity__ID: __Entity__ID

    package init(__entity__ID: __Entity__ID) { self.__entity__ID = __entity__ID }
}
