/// The newest first, by an identifier, which goes with time.
package struct NewestFirst: ListKey {
    package let id: Identifier

    package init(_ id: Identifier) { self.id = id }

    package init(_ id: some EntityID) { self.id = id.value }

    package init?(_ description: String) {
        guard let id = Identifier(description) else { return nil }
        self.id = id
    }

    package var description: String { id.description }

    package static func < (left: NewestFirst, right: NewestFirst) -> Bool { left.id > right.id }
}

/// By a name that is unique in the list, byte by byte.
package struct ByName: ListKey {
    package let description: String

    package init(_ description: String) { self.description = description }

    package static func == (left: ByName, right: ByName) -> Bool {
        left.description.utf8.elementsEqual(right.description.utf8)
    }

    package static func < (left: ByName, right: ByName) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}
