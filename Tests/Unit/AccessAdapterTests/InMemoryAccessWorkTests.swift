import AccessDoubles
import AccessPortSuites
import Shared
import TestSupport
import Testing

@Suite("The store of Access, in memory")
struct InMemoryAccessWorkTests {
    @Test("the double behaves as every store of Access", arguments: AccessWorkBehaviour.all)
    func double(_ behaviour: AccessWorkBehaviour) async throws {
        let work = InMemoryAccessWork()
        try await behaviour.check(
            AccessWorkSubject(
                work: work, changes: { work.store.changes }, isViolation: { $0 is InternalFailure }))
    }
}
