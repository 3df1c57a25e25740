import Shared
import __Module__Contract

/// One __words__.
package struct __Entity__: Sendable, Equatable {
    package let id: __Entity__ID
    package let title: __Entity__Title
    package let createdAt: Timestamp

    package init(id: __Entity__ID, title: __Entity__Title, createdAt: Timestamp) {
        self.id = id
        self.title = title
        self.createdAt = createdAt
    }
}
