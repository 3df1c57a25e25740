import Shared
import __Module__Contract
import __Module__Domain

package struct Create__Entity__Command: Sendable {
    /// Under which it is added.
    package let id: __Entity__ID
    package let title: __Entity__Title
    package let principal: Principal

    package init(id: __Entity__ID, title: __Entity__Title, principal: Principal) {
        self.id = id
        self.title = title
        self.principal = principal
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
