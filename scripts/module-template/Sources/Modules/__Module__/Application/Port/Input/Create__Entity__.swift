import __Module__Domain

/// Adds one __words__.
package protocol Create__Entity__: Sendable {
    func callAsFunction(_ command: Create__Entity__Command) async throws -> Create__Entity__Outcome
}

package struct Create__Entity__Command: Sendable {
    package let title: __Entity__Title

    package init(title: __Entity__Title) {
        self.title = title
    }
}

package enum Create__Entity__Outcome: Sendable, Equatable {
    case created(__Entity__)
    case refused(Create__Entity__Refusal)
}

package enum Create__Entity__Refusal: Sendable, Equatable {
    /// Another __words__ has this title.
    case titleTaken
}
