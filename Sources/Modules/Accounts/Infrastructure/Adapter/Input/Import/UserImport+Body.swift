import Shared

extension UserImport {
    /// Takes over the accounts of a text that is there as a whole: JSON objects, one a line. An account that is there
    /// stays as it is, unless nobody has proved its address and the line says that it is proved; so the same lines
    /// again change nothing and do what an interrupted run has left. No account gets a role: a line cannot name one.
    ///
    /// - Parameters:
    ///   - text: hashes of passwords are in it.
    ///   - id: names the run in the audit log.
    /// - Throws: `Unavailable` and other failures of the store: what came before is done.
    func importUsers(_ text: Secret<[UInt8]>, _ id: Identifier, by actor: Principal) async throws -> ImportReport {
        var lines = ImportLines(text.reveal())
        var problems: [ImportProblem] = []
        var hasMoreProblems = false
        do {
            let summary = try await self(
                id, by: actor, from: 1, nextLine: { lines.next() },
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
