import DatabaseCopy
import Synchronization

/// What a copy reported.
final class Heard: Sendable {
    private let reports = Mutex<[DatabaseCopier.Table]>([])

    var tables: [DatabaseCopier.Table] { reports.withLock { $0 } }

    func add(_ table: DatabaseCopier.Table) { reports.withLock { $0.append(table) } }
}
