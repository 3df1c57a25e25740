import Shared
import __Module__Contract
import __Module__Domain

/// Adds one __words__. The same command again answers with what is there.
package struct Create__Entity__Service: Sendable {
    private let work: any __Module__Work
    private let clock: any WallClock

    package init(work: any __Module__Work, clock: any WallClock) {
        self.work = work
        self.clock = clock
    }

    package func callAsFunction(_ command: Create__Entity__Command) async throws -> Create__Entity__Outcome {
        let __entity__ = __Entity__(id: command.id, title: command.title, createdAt: clock.now)
        return try await work.write { context in
            if let known = try context.__module__.find(command.id) { return .created(known) }
            guard try context.__module__.insert(__entity__) else { return .refused(.titleTaken) }
            try context.publish(__Entity__Created(__entity__ID: __entity__.id))
            try context.audit(.done("__snake__.created", on: "__snake__:\(__entity__.id)", by: command.principal))
            return .created(__entity__)
        }
    }
}
