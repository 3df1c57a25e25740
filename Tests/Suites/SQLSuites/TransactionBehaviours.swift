import SQL
import Shared
import Testing

extension DatabaseBehaviour {
    static let transactions = [
        DatabaseBehaviour(reopening: "what was committed is seen later, and by other connections") { open in
            let database = try await open()
            try await database.makeCounters()
            let result = try await database.write { transaction in
                try transaction.insert("a", 7)
                return "done"
            }
            #expect(result == "done")
            let other = try await open()
            let values = try await other.read { transaction in
                try transaction.query("SELECT value FROM counters") { try $0.integer(0) }
            }
            #expect(values == [7])
        },
        DatabaseBehaviour("a unit of work that throws leaves nothing, and its error is thrown") { database in
            try await database.makeCounters()
            await #expect(throws: PlannedFailure(number: 3)) {
                try await database.write { transaction in
                    try transaction.insert("a")
                    throw PlannedFailure(number: 3)
                }
            }
            #expect(try await database.count() == 0)
        },
        DatabaseBehaviour("units of work that fail do not hurt those beside them") { database in
            try await database.makeCounters()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        do {
                            try await database.write { transaction in
                                try transaction.insert("c\(number)")
                                if number % 3 == 1 { throw PlannedFailure(number: number) }
                                if number % 3 == 2 { try transaction.execute("SELECT nothing FROM nowhere") }
                            }
                            #expect(number % 3 == 0)
                        } catch let failure as PlannedFailure {
                            #expect(failure.number == number)
                        } catch is InternalFailure {
                            #expect(number % 3 == 2)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.count() == 20)
        },
        DatabaseBehaviour("200 increments at once count to 200") { database in
            try await database.makeCounters()
            try await database.write { try $0.insert("a") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        try await database.write { transaction in
                            let select: Statement = "SELECT value FROM counters WHERE name = \("a")\(forUpdate)"
                            let value = try transaction.first(select) { try $0.integer(0) } ?? 0
                            try transaction.execute("UPDATE counters SET value = \(value + 1) WHERE name = \("a")")
                        }
                    }
                }
                try await group.waitForAll()
            }
            let value = try await database.read { transaction in
                try transaction.first("SELECT value FROM counters") { try $0.integer(0) }
            }
            #expect(value == 200)
        },
        DatabaseBehaviour("a transaction is refused after its closure returned or threw") { database in
            try await database.makeCounters()
            nonisolated(unsafe) var escaped: [any SQLTransaction] = []
            try await database.write { escaped.append($0) }
            try await database.read { escaped.append($0) }
            await #expect(throws: PlannedFailure.self) {
                try await database.write { transaction in
                    escaped.append(transaction)
                    throw PlannedFailure()
                }
            }
            #expect(escaped.count >= 3)
            for transaction in escaped {
                #expect(throws: InternalFailure.self) { try transaction.insert("late") }
                #expect(throws: InternalFailure.self) { try transaction.submit("DELETE FROM counters") }
                #expect(throws: InternalFailure.self) { try transaction.script("DELETE FROM counters") }
                #expect(throws: InternalFailure.self) { try transaction.count() }
                #expect(throws: InternalFailure.self) { try transaction.query("SELECT 1") { _ in } }
            }
            #expect(try await database.count() == 0)
        },
        DatabaseBehaviour("an error in a submitted statement undoes the unit of work") { database in
            try await database.makeCounters()
            await #expect(throws: ConstraintViolation.self) {
                try await database.write { transaction in
                    try transaction.submit("INSERT INTO counters (name, value) VALUES (\("a"), \(1))")
                    try transaction.submit("INSERT INTO counters (name, value) VALUES (\("a"), \(2))")
                }
            }
            #expect(try await database.count() == 0)
        },
        DatabaseBehaviour("an answering database is told by ping") { database in
            try await database.ping()
        },
    ]
}
