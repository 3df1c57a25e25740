import Shared
import TestSupport
import Testing
import __Module__Application
import __Module__Contract
import __Module__Domain

/// Something that every implementation of `__Module__Work` must do, starting empty.
package struct __Module__WorkBehaviour: Sendable, CustomTestStringConvertible {
    package let testDescription: String
    package let check: @Sendable (any __Module__Work) async throws -> Void

    private init(_ name: String, _ check: @escaping @Sendable (any __Module__Work) async throws -> Void) {
        testDescription = name
        self.check = check
    }

    package static let all = [
        __Module__WorkBehaviour("__a_words__ comes back as it was stored") { work async throws in
            let __entity__ = try Sample.__entity__(1)
            #expect(try await work.insert(__entity__))
            #expect(try await work.find(__entity__.id) == __entity__)
            #expect(try await work.find(Sample.id(2)) == nil)
        },
        __Module__WorkBehaviour("a title is taken once, byte by byte") { work async throws in
            // Equal letters in other bytes: an e with its accent, and an e and an accent.
            #expect(try await work.insert(try Sample.__entity__(1, title: "caf\u{E9}")))
            #expect(try await work.insert(try Sample.__entity__(2, title: "cafe\u{301}")))
            #expect(try await work.insert(try Sample.__entity__(3, title: "caf\u{E9}")) == false)
            #expect(try await work.find(Sample.id(2)) != nil)
            #expect(try await work.find(Sample.id(3)) == nil)
        },
        __Module__WorkBehaviour("what throws leaves nothing") { work async throws in
            await #expect(throws: Stop.self) {
                try await work.write { context in
                    _ = try context.__module__.insert(try Sample.__entity__(1))
                    throw Stop()
                }
            }
            #expect(try await work.find(Sample.id(1)) == nil)
        },
        __Module__WorkBehaviour("a unit of work that reads cannot change anything") { work async throws in
            await #expect(throws: InternalFailure.self) {
                try await work.read { _ = try $0.__module__.insert(try Sample.__entity__(1)) }
            }
            #expect(try await work.find(Sample.id(1)) == nil)
        },
    ]
}

extension UnitOfWork<any __Module__Context> {
    func insert(_ __entity__: __Entity__) async throws -> Bool {
        try await write { try $0.__module__.insert(__entity__) }
    }

    func find(_ id: __Entity__ID) async throws -> __Entity__? { try await read { try $0.__module__.find(id) } }
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
