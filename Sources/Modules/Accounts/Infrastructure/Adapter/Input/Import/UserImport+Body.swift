import AccountsContract
import Shared

extension UserImport: UserImporter {
    package func importUsers(_ command: ImportUsersCommand) async throws -> ImportReport {
        var lines = ImportLines(command.lines.reveal())
        var problems: [ImportProblem] = []
        var hasMoreProblems = false
        do {
            let summary = try await self(
                command.id, by: command.actor, from: 1, nextLine: { lines.next() },
                report: { problem in
                    if problems.count < ImportReport.problemsMax {
                        problems.append(problem)
                    } else {
                        hasMoreProblems = true
                    }
                })
            return ImportReport(summary: summary, problems: problems, hasMoreProblems: hasMoreProblems)
        } catch let interruption as ImportInterrupted {
            throw interruption.cause
        }
    }
}

/// The lines of a text that is there as a whole.
private struct ImportLines: IteratorProtocol {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    mutating func next() -> ImportLine? {
        if rest.isEmpty { return nil }
        let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
        let line = rest[..<end]
        rest = rest[end...].dropFirst()
        return line.count > ImportLine.byteCountMax ? .tooLong : .bytes(Array(line))
    }
}
