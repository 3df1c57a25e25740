import Shared
import __Module__Contract
import __Module__Domain

package struct Create__Entity__Service: Create__Entity__ {
    private let work: any __Module__Work
    private let clock: any WallClock
    private let identifiers: any IdentifierSource

    package init(work: any __Module__Work, clock: any WallClock, identifiers: any IdentifierSource) {
        self.work = work
        self.clock = clock
        self.identifiers = identifiers
    }

    package func callAsFunction(_ command: Create__Entity__Command) async throws -> Create__Entity__Outcome {
        let __entity__ = __Entity__(id: identifiers.next(), title: command.title, createdAt: clock.now)
        return try await work.write { context in
            guard try context.__module__.insert(__entity__) else { return .refused(.titleTaken) }
            try context.publish(__Entity__Created(__entity__ID: __entity__.id))
            return .created(__entity__)
        }
    }
}
