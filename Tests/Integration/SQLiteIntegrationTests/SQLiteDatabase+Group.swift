import Dispatch
import SQL
import SQLite
import TestSupport

extension SQLiteDatabase {
    /// Simulates a disk that takes only a few pages more.
    func limitPages(more: Int) async throws {
        try await write { transaction in
            let pages = try transaction.first("PRAGMA page_count") { try $0.integer(0) } ?? 0
            try transaction.execute(Statement(unsafeSQL: "PRAGMA max_page_count = \(pages + more)"))
        }
    }

    /// Holds the writer until `count` units of work wait behind it, so that they surely form one group.
    ///
    /// - Returns: each one's error, nil for those that were committed.
    func asOneGroup(
        _ count: Int, _ body: @escaping @Sendable (Int, any SQLTransaction) throws -> Void,
        whileWaiting check: () async throws -> Void = {}
    ) async throws -> [(any Error)?] {
        let gate = DispatchSemaphore(value: 0)
        let began = AsyncStream.makeStream(of: Void.self)
        return try await withThrowingTaskGroup(of: (Int, (any Error)?).self) { group in
            group.addTask {
                try await self.write { _ in
                    began.continuation.yield()
                    // Blocks the writer's thread, which no other task needs.
                    gate.wait()
                }
                return (-1, nil)
            }
            for await _ in began.stream { break }
            for number in 0..<count {
                group.addTask {
                    do {
                        try await self.write { try body(number, $0) }
                        return (number, nil)
                    } catch {
                        return (number, error)
                    }
                }
            }
            do {
                try await until { waitingWrites >= count }
                try await check()
            } catch {
                gate.signal()
                throw error
            }
            gate.signal()
            var outcomes = [(any Error)?](repeating: nil, count: count)
            for try await (number, error) in group where number >= 0 { outcomes[number] = error }
            return outcomes
        }
    }
}
