import AccountsContract
import Shared
import Synchronization
import TestSupport

/// Takes what it is given, and tells of it what a test says.
package final class UserImporterDouble: UserImporter {
    private let recorder = Recorder<ImportUsersCommand>()
    private let report = Mutex(ImportReport(summary: ImportSummary(), problems: [], hasMoreProblems: false))
    private let failure = Mutex<(any Error)?>(nil)

    package init() {}

    package var commands: [ImportUsersCommand] { recorder.all }

    package func answer(_ report: ImportReport) { self.report.withLock { $0 = report } }
    package func fail(with error: (any Error)?) { failure.withLock { $0 = error } }

    package func importUsers(_ command: ImportUsersCommand) async throws -> ImportReport {
        recorder.add(command)
        if let error = failure.withLock({ $0 }) { throw error }
        return report.withLock { $0 }
    }
}
