import Shared
import TestSupport
import __Module__Application
import __Module__Contract
import __Module__Domain

/// What the in-memory store holds: a value, so that a unit of work changes a copy and keeps or drops it.
package struct __Module__Store: InMemoryStore {
    package var __module__: [__Entity__ID: __Entity__] = [:]
    package var traces = WorkTraces()

    package init() {}

    package static func context(_ memory: InMemoryContext<__Module__Store>) -> any __Module__Context {
        InMemory__Module__Context(memory: memory)
    }
}

package typealias InMemory__Module__Work = InMemoryUnitOfWork<__Module__Store>

private struct InMemory__Module__Context: __Module__Context, InMemoryBackedContext, __Entity__Repository {
    let memory: InMemoryContext<__Module__Store>

    var __module__: any __Entity__Repository { self }

    func find(_ id: __Entity__ID) throws -> __Entity__? { memory.store.__module__[id] }

    func insert(_ __entity__: __Entity__) throws -> Bool {
        try memory.change { store in
            guard !store.__module__.values.contains(where: { $0.title == __entity__.title }) else { return false }
            store.__module__[__entity__.id] = __entity__
            return true
        }
    }
}
