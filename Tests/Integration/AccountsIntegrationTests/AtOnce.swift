/// A person with a proved account, over SQLite.
func withPerson(_ body: (Person) async throws -> Void) async throws {
    try await withAccountsHouse { house in try await body(try await Person(house)) }
}

/// Does the same in many tasks.
///
/// - Parameter body: is given the number of its task, from 0.
func atOnce<T: Sendable>(
    _ count: Int = 12, _ body: @escaping @Sendable (Int) async throws -> T
) async throws -> [T] {
    try await withThrowingTaskGroup(of: T.self) { group in
        for number in 0..<count { group.addTask { try await body(number) } }
        var results: [T] = []
        for try await result in group { results.append(result) }
        return results
    }
}

extension Person {
    /// How many events of a type were published.
    func events(_ type: String) async throws -> Int {
        try await house.published().count { $0.type == type }
    }
}
