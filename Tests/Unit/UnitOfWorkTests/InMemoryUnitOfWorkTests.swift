import Shared
import TestSupport
import Testing
import UnitOfWorkSuites

@Suite("The unit of work in memory")
struct InMemoryUnitOfWorkTests {
    private let work = InMemoryUnitOfWork<NotesStore>()

    @Test("behaves as every unit of work", arguments: UnitOfWorkBehaviour.all)
    func behaves(_ behaviour: UnitOfWorkBehaviour) async throws {
        try await behaviour.check(
            UnitOfWorkSubject(
                work: work, published: { [work] in work.store.events.map(\.subject) },
                audited: { [work] in
                    work.store.auditTrail.map { "\($0.entry.outcome.rawValue) \($0.entry.action) \($0.count)" }
                }))
    }

    @Test("a hook runs before the next write and no other, and may change what is stored")
    func writeHook() async throws {
        work.beforeNextWrite { [work] in work.arrange { $0.notes = ["meanwhile"] } }
        _ = try await work.read { try $0.notes() }
        #expect(work.store.notes == [])
        try await work.write { try $0.add("one") }
        #expect(work.store.notes == ["meanwhile", "one"])
        try await work.write { try $0.add("two") }
        #expect(work.store.notes == ["meanwhile", "one", "two"])
    }

    @Test("a hook that throws is a failure of the store")
    func failure() async throws {
        work.beforeNextRead { throw Unavailable("database", reason: "as the test said") }
        work.beforeNextWrite { throw Unavailable("database", reason: "as the test said") }
        await #expect(throws: Unavailable.self) { try await work.read { try $0.notes() } }
        await #expect(throws: Unavailable.self) { try await work.write { try $0.add("one") } }
        #expect(work.store.notes == [])
        #expect(try await work.read { try $0.notes() } == [])
    }

    @Test("it tells the scope of each read and each write")
    func scopes() async throws {
        let tenant = SequentialIdentifiers.identifier(1)
        try await work.write { try $0.add("one") }
        try await work.write(in: .tenant(tenant)) { try $0.add("two") }
        _ = try await work.read(in: .platform(.lookup)) { try $0.notes() }
        #expect(work.writeScopes == [.none, .tenant(tenant)])
        #expect(work.readScopes == [.platform(.lookup)])
    }
}
