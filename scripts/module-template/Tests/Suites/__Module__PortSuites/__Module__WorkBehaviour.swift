import Shared
import TestSupport
import Testing
import __Module__Application
import __Module__Contract
import __Module__Domain

/// Something that every implementation of `__Module__Work` must do, starting empty.
package struct __Module__WorkBehaviour: Sendable, CustomTestStringConvertible {
    package let testDescription: String
    package let check: @Sendable (__Module__WorkSubject) async throws -> Void

    private init(_ name: String, _ check: @escaping @Sendable (__Module__WorkSubject) async throws -> Void) {
        testDescription = name
        self.check = check
    }

    package static let all = [
        __Module__WorkBehaviour("__a_words__ comes back as it was stored") { subject async throws in
            let __entity__ = try Sample.__entity__(1)
            #expect(try await subject.insert(__entity__))
            #expect(try await subject.find(__entity__.id) == __entity__)
            #expect(try await subject.find(Sample.id(2)) == nil)
        },
        __Module__WorkBehaviour("a title is taken once, byte by byte") { subject async throws in
            // Equal letters in other bytes: an e with its accent, and an e and an accent.
            #expect(try await subject.insert(try Sample.__entity__(1, title: "caf\u{E9}")))
            #expect(try await subject.insert(try Sample.__entity__(2, title: "cafe\u{301}")))
            #expect(try await subject.insert(try Sample.__entity__(3, title: "caf\u{E9}")) == false)
            #expect(try await subject.find(Sample.id(2)) != nil)
            #expect(try await subject.find(Sample.id(3)) == nil)
        },
        __Module__WorkBehaviour("what is committed is there with its events") { subject async throws in
            try await subject.work.write { context in
                _ = try context.__module__.insert(try Sample.__entity__(1))
                try context.publish(__Entity__Created(__entity__ID: Sample.id(1)))
            }
            #expect(try await subject.publishedTypes() == ["__snake__.created"])
        },
        __Module__WorkBehaviour("what throws leaves nothing: no row, no event") { subject async throws in
            await #expect(throws: Stop.self) {
                try await subject.work.write { context in
                    _ = try context.__module__.insert(try Sample.__entity__(1))
                    try context.publish(__Entity__Created(__entity__ID: Sample.id(1)))
                    throw Stop()
                }
            }
            #expect(try await subject.find(Sample.id(1)) == nil)
            #expect(try await subject.publishedTypes() == [])
        },
        __Module__WorkBehaviour("a unit of work that reads cannot change anything") { subject async throws in
            await #expect(throws: (any Error).self) {
                try await subject.work.read { _ = try $0.__module__.insert(try Sample.__entity__(1)) }
            }
            #expect(try await subject.find(Sample.id(1)) == nil)
        },
    ]
}

/// An empty store, and what others see of it.
package struct __Module__WorkSubject: Sendable {
    package let work: any __Module__Work
    /// The types of the published events, in order.
    package let publishedTypes: @Sendable () async throws -> [String]

    package init(work: any __Module__Work, publishedTypes: @escaping @Sendable () async throws -> [String]) {
        self.work = work
        self.publishedTypes = publishedTypes
    }

    func insert(_ __entity__: __Entity__) async throws -> Bool {
        try await work.write { try $0.__module__.insert(__entity__) }
    }

    func find(_ id: __Entity__ID) async throws -> __Entity__? { try await work.read { try $0.__module__.find(id) } }
}

private enum Sample {
    static func id(_ number: UInt64) -> __Entity__ID { __Entity__ID(SequentialIdentifiers.identifier(number)) }

    /// Its time is in whole milliseconds, as every store keeps them.
    static func __entity__(_ number: UInt64, title: String? = nil) throws -> __Entity__ {
        __Entity__(
            id: id(number), title: try #require(__Entity__Title(title ?? "Title \(number)")),
            createdAt: Timestamp(milliseconds: 1_790_000_000_123))
    }
}

private struct Stop: Error {}
