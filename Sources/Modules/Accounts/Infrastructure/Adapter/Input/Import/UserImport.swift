import AccountsApplication
import AccountsContract
import Crypto
import HTTP
import JSON
import Shared

/// Reads accounts from lines of JSON and takes them over, many in one unit of work. A second run over the same lines
/// changes nothing.
package struct UserImport: Sendable {
    private let importUsers: ImportUsersService
    private let clock: any WallClock

    /// How many accounts are one unit of work: few enough that others who write hardly wait.
    static let batchSize = 500

    init(importUsers: ImportUsersService, clock: any WallClock) {
        self.importUsers = importUsers
        self.clock = clock
    }

    /// - Parameters:
    ///   - id: names the run in the audit log; nil for a name of its own.
    ///   - actor: nil for somebody at the machine itself.
    ///   - first: the number of the first line that counts, from 1; those before it are passed over.
    ///   - nextLine: gives the lines from the very first on; nil at the end.
    ///   - report: called for every problem, in the order of the lines.
    /// - Throws: `ImportInterrupted`.
    package func callAsFunction(
        _ id: Identifier? = nil, by actor: Principal? = nil, from first: Int,
        nextLine: () throws -> ImportLine?, report: (ImportProblem) -> Void
    ) async throws -> ImportSummary {
        var summary = ImportSummary()
        var batch: [ImportedUser] = []
        var number = 0
        var done = first - 1
        do {
            try await importUsers.begin(id, by: actor)
            while let line = try nextLine() {
                number += 1
                if number.isMultiple(of: Self.batchSize) {
                    // Many lines may have nothing to wait for.
                    try Task.checkCancellation()
                    await Task.yield()
                }
                guard number >= first, !line.isBlank else { continue }
                summary.lines += 1
                switch read(line, number) {
                case .success(let user): batch.append(user)
                case .failure(let problems):
                    summary.failed += 1
                    problems.list.forEach(report)
                }
                if batch.count == Self.batchSize {
                    try await take(&batch, by: actor, &summary)
                    done = number
                }
            }
            try await take(&batch, by: actor, &summary)
            return summary
        } catch {
            throw ImportInterrupted(nextLine: done + 1, cause: error)
        }
    }

    private func take(
        _ batch: inout [ImportedUser], by actor: Principal?, _ summary: inout ImportSummary
    ) async throws {
        guard !batch.isEmpty else { return }
        for (user, outcome) in zip(batch, try await importUsers(batch, by: actor)) {
            switch outcome {
            case .created, .replacedClaim:
                summary.created += 1
                if !user.isVerified { summary.unverified += 1 }
                if outcome == .replacedClaim { summary.replaced += 1 }
                if user.hasCostlyHash { summary.costly += 1 }
            case .emailTaken: summary.skipped += 1
            }
        }
        batch = []
    }

    private typealias FieldProblem = (field: String?, message: String)

    private struct Problems: Error {
        let list: [ImportProblem]
    }

    private func read(_ line: ImportLine, _ number: Int) -> Result<ImportedUser, Problems> {
        func refusal(_ errors: [FieldProblem], _ code: ImportProblem.Code) -> Result<ImportedUser, Problems> {
            .failure(
                Problems(
                    list: errors.map {
                        ImportProblem(line: number, field: $0.field, code: code, message: $0.message)
                    }))
        }
        guard case .bytes(let bytes) = line else {
            return refusal([(nil, "has more than \(ImportLine.byteCountMax) bytes")], .lineTooLong)
        }
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONValue(parsing: bytes)
        } catch {
            return refusal([(nil, "is not JSON: \(error.description) (byte \(error.offset))")], .notJSON)
        }
        guard case .object(let object) = value else {
            return refusal([(nil, "is not a JSON object")], .notAnObject)
        }
        let unknown = object.keys.filter { !ImportedUserLine.names.contains($0) }
        guard unknown.isEmpty else { return refusal(unknown.map(Self.unknownField), .unknownField) }
        do throws(HTTP.Problem) {
            let user = try Fields.read(ImportedUserLine.self, from: object).user
            if let createdAt = user.createdAt, createdAt > clock.now {
                return refusal([("created_at", "must not be in the future")], .invalidField)
            }
            return .success(user)
        } catch {
            return refusal(error.fieldErrors.map { ($0.field, $0.message) }, .invalidField)
        }
    }

    /// Names the field only if it can be nothing but a name.
    private static func unknownField(_ name: String) -> FieldProblem {
        let isName = name.utf8.count <= 64 && name.utf8.allSatisfy { $0 == UInt8(ascii: "_") || $0.isLetterOrDigit }
        return isName ? (name, "is not a known field") : (nil, "has a field that is not known")
    }
}

extension ImportedUser {
    fileprivate var hasCostlyHash: Bool {
        guard let hash = passwordHash else { return false }
        return (try? PasswordHashing.checkImport(hash.reveal())) == true
    }
}

extension ImportLine {
    fileprivate var isBlank: Bool {
        if case .bytes(let bytes) = self { bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } } else { false }
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
