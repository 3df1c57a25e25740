import TestSupport
import Testing
import __Module__Doubles
import __Module__PortSuites

@testable import __Module__Infrastructure

@Suite("The ports of __Module__, over each adapter")
struct __Module__PortTests {
    @Test("SQL behaves as every store of __Module__", arguments: __Module__WorkBehaviour.all)
    func sqlWork(_ behaviour: __Module__WorkBehaviour) async throws {
        try await with__Module__House { try await behaviour.check($0.work) }
    }

    @Test("the double behaves as every store of __Module__", arguments: __Module__WorkBehaviour.all)
    func inMemoryWork(_ behaviour: __Module__WorkBehaviour) async throws {
        try await behaviour.check(InMemory__Module__Work())
    }
}
