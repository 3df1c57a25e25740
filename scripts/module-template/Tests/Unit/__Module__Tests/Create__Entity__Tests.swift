import Shared
import TestSupport
import Testing
import __Module__Application
import __Module__Contract
import __Module__Domain
import __Module__Doubles

@Suite("Adding __a_words__")
struct Create__Entity__Tests {
    private let work = InMemory__Module__Work()
    private let clock = ManualClock()
    private let identifiers = SequentialIdentifiers()

    private var create: Create__Entity__Service {
        Create__Entity__Service(work: work, clock: clock)
    }

    private func command(_ title: String = "A title") throws -> Create__Entity__Command {
        let person = SequentialIdentifiers.identifier(900)
        return Create__Entity__Command(
            id: identifiers.next(), title: try #require(__Entity__Title(title)),
            principal: Principal(
                .session(person), of: person, permissions: .all,
                client: ClientInfo(address: .loopback, userAgent: nil)))
    }

    @Test("keeps it with its time, tells others, and it can be read")
    func creates() async throws {
        guard case .created(let __entity__) = try await create(try command()) else {
            Issue.record("it was refused")
            return
        }
        #expect(__entity__.title.text == "A title")
        #expect(__entity__.createdAt == clock.now)
        #expect(work.store.auditLines == ["done __snake__.created"])
        #expect(work.store.events.compactMap { ($0 as? __Entity__Created)?.__entity__ID } == [__entity__.id])
        let read = Read__Entity__Service(work: work)
        #expect(try await read(__entity__.id) == __entity__)
        #expect(try await __Module__FacadeService(read: read).title(of: __entity__.id) == "A title")
        #expect(try await read(identifiers.next()) == nil)
    }

    @Test("a title that is taken is refused, and nobody is told")
    func taken() async throws {
        _ = try await create(try command())
        #expect(try await create(try command()) == .refused(.titleTaken))
        #expect(work.store.__module__.count == 1)
        #expect(work.store.eventTypes == ["__snake__.created"])
    }

    @Test("the same command again answers with what is there")
    func again() async throws {
        let command = try command()
        let first = try await create(command)
        clock.advance(by: .seconds(1))
        #expect(try await create(command) == first)
        #expect(work.store.eventTypes == ["__snake__.created"])
        #expect(work.store.auditLines == ["done __snake__.created"])
    }

    @Test("of two at once with one title, one is added")
    func twiceAtOnce() async throws {
        let create = create
        work.beforeNextWrite { [command = try command()] in _ = try await create(command) }
        #expect(try await create(try command()) == .refused(.titleTaken))
        #expect(work.store.__module__.count == 1)
    }

    @Test("a store that fails leaves nothing")
    func storeFails() async throws {
        work.beforeNextWrite { throw Unavailable("database", reason: "as the test said") }
        await #expect(throws: Unavailable.self) { try await create(try command()) }
        #expect(work.store.__module__.isEmpty)
        #expect(work.store.events.isEmpty)
    }
}
