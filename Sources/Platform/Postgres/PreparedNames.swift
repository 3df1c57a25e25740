/// The names of a connection's prepared statements by their text; the least recently used goes first.
///
/// A name counts only once the server said that it prepared it: in an aborted pipeline that is skipped. Numbers are
/// never used twice.
struct PreparedNames {
    private struct Entry {
        let name: String
        var lastUse: Int
    }

    private let limit: Int
    private var entries: [String: Entry] = [:]
    private var serial = 0
    private var uses = 0
    /// On the server, but not wanted any more.
    private(set) var leftovers: [String] = []

    /// - Parameter limit: 1 or more.
    init(limit: Int) {
        self.limit = limit
    }

    mutating func find(_ sql: String) -> String? {
        uses += 1
        guard let index = entries.index(forKey: sql) else { return nil }
        entries.values[index].lastUse = uses
        return entries.values[index].name
    }

    mutating func newName() -> String {
        serial += 1
        return "s\(serial)"
    }

    /// Notes what the server has prepared.
    mutating func remember(_ name: String, _ sql: String) {
        if entries.count >= limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            leftovers.append(oldest.value.name)
            entries.removeValue(forKey: oldest.key)
        }
        uses += 1
        entries[sql] = Entry(name: name, lastUse: uses)
    }

    /// Notes that the server has dropped a leftover.
    mutating func dropped(_ name: String) {
        leftovers.removeAll { $0 == name }
    }

    /// The server's own have been dropped all together.
    mutating func removeAll() {
        entries = [:]
        leftovers = []
    }
}
