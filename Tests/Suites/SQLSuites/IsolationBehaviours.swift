import Dispatch
import SQL
import Shared
import Testing

extension DatabaseBehaviour {
    static let isolation = [
        DatabaseBehaviour("a read sees committed rows only") { database in
            try await database.makeCounters()
            let inserted = AsyncStream.makeStream(of: Void.self)
            let seen = DispatchSemaphore(value: 0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await database.write { transaction in
                        try transaction.insert("a")
                        inserted.continuation.yield()
                        // Blocks a thread of the driver, which no other task needs.
                        seen.wait()
                    }
                }
                for await _ in inserted.stream { break }
                let before = try await database.count()
                seen.signal()
                try await group.waitForAll()
                #expect(before == 0)
            }
            #expect(try await database.count() == 1)
        },
        DatabaseBehaviour("a read sees one moment, whatever is committed meanwhile") { database in
            try await database.makeCounters()
            let began = AsyncStream.makeStream(of: Void.self)
            let committed = DispatchSemaphore(value: 0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let counts = try await database.read { transaction in
                        let before = try transaction.count()
                        began.continuation.yield()
                        committed.wait()
                        return [before, try transaction.count()]
                    }
                    #expect(counts == [0, 0])
                }
                for await _ in began.stream { break }
                try await database.write { try $0.insert("a") }
                committed.signal()
                try await group.waitForAll()
            }
        },
        DatabaseBehaviour("a read cannot write") { database in
            try await database.makeCounters()
            await #expect(throws: InternalFailure.self) {
                try await database.read { try $0.insert("a") }
            }
            #expect(try await database.count() == 0)
            try await database.write { try $0.insert("a") }
        },
        DatabaseBehaviour("a task that is cancelled already does nothing") { database in
            try await database.makeCounters()
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await database.write { try $0.insert("a") }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await database.count() == 0)
        },
    ]
}
