import Shared
import TestSupport
import Testing

/// Something that every `UnitOfWork` must do, starting empty. Modules test what is theirs: that their repositories are
/// part of it.
package struct UnitOfWorkBehaviour: Sendable, CustomTestStringConvertible {
    package let testDescription: String
    package let check: @Sendable (UnitOfWorkSubject) async throws -> Void

    private init(_ name: String, _ check: @escaping @Sendable (UnitOfWorkSubject) async throws -> Void) {
        testDescription = name
        self.check = check
    }

    package static let all = [
        UnitOfWorkBehaviour("what is committed is there with its events and its lines in the audit log, in order") {
            subject in
            let result = try await subject.work.write { context in
                try context.add("one")
                try context.publish(NoteWritten(Sample.id(1)))
                try context.publish(NoteWritten(Sample.id(2)))
                try context.audit(.done("note.written", by: "user:1"))
                try context.audit(.refused("note.written", because: "too_long", by: "anonymous"), count: 7)
                return try context.notes()
            }
            #expect(result == ["one"])
            #expect(try await subject.notes() == ["one"])
            #expect(try await subject.published() == [Sample.id(1), Sample.id(2)])
            #expect(try await subject.audited() == ["done note.written 1", "refused note.written 7"])
        },
        UnitOfWorkBehaviour("what throws leaves nothing: no row, no event, no line in the audit log, no acceptance") {
            subject async throws in
            await #expect(throws: Stop.self) {
                try await subject.work.write { context in
                    try context.add("one")
                    try context.publish(NoteWritten(Sample.id(1)))
                    try context.audit(.done("note.written", by: "user:1"))
                    _ = try context.accept(eventID: Sample.id(9), at: Sample.now)
                    throw Stop()
                }
            }
            #expect(try await subject.notes() == [])
            #expect(try await subject.published() == [])
            #expect(try await subject.audited() == [])
            #expect(try await subject.work.write { try $0.accept(eventID: Sample.id(9), at: Sample.now) })
        },
        UnitOfWorkBehaviour("a unit of work that reads sees what is committed and changes nothing") {
            subject async throws in
            try await subject.work.write { try $0.add("one") }
            let attempts: [@Sendable (any NotesContext) throws -> Void] = [
                { try $0.add("two") },
                { try $0.publish(NoteWritten(Sample.id(1))) },
                { try $0.audit(.done("note.written", by: "user:1")) },
                { _ = try $0.accept(eventID: Sample.id(9), at: Sample.now) },
            ]
            for attempt in attempts {
                await #expect(throws: InternalFailure.self) { try await subject.work.read { try attempt($0) } }
            }
            #expect(try await subject.notes() == ["one"])
            #expect(try await subject.published() == [])
            #expect(try await subject.audited() == [])
            #expect(try await subject.work.write { try $0.accept(eventID: Sample.id(9), at: Sample.now) })
        },
        UnitOfWorkBehaviour("an event is accepted once, however often and by however many it is brought") { subject in
            let accepted = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await subject.work.write { try $0.accept(eventID: Sample.id(9), at: Sample.now) }
                    }
                }
                var count = 0
                for try await isFirst in group where isFirst { count += 1 }
                return count
            }
            #expect(accepted == 1)
            #expect(try await subject.work.write { try $0.accept(eventID: Sample.id(9), at: Sample.now) } == false)
            #expect(try await subject.work.write { try $0.accept(eventID: Sample.id(10), at: Sample.now) })
        },
        UnitOfWorkBehaviour("work of each scope sees and changes rows that belong to no tenant") { subject in
            let scopes = [.none, .tenant(Sample.id(7))] + PlatformWork.allCases.map { WorkScope.platform($0) }
            for (number, scope) in scopes.enumerated() {
                try await subject.work.write(in: scope) { try $0.add("note \(number)") }
                #expect(try await subject.work.read(in: scope) { try $0.notes() }.count == number + 1)
            }
        },
    ]
}

/// An empty store, and what others see of it.
package struct UnitOfWorkSubject: Sendable {
    package let work: any UnitOfWork<any NotesContext>
    /// The subjects of the published events, in order.
    package let published: @Sendable () async throws -> [Identifier]
    /// Outcome, action and count of the lines in the audit log, in order.
    package let audited: @Sendable () async throws -> [String]

    package init(
        work: any UnitOfWork<any NotesContext>, published: @escaping @Sendable () async throws -> [Identifier],
        audited: @escaping @Sendable () async throws -> [String]
    ) {
        self.work = work
        self.published = published
        self.audited = audited
    }

    func notes() async throws -> [String] { try await work.read { try $0.notes() } }
}

private enum Sample {
    static let now = Timestamp(milliseconds: 1_790_000_000_123)

    static func id(_ number: UInt64) -> Identifier { SequentialIdentifiers.identifier(number) }
}

private struct Stop: Error {}
