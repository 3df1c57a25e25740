import Messaging
import Shared

/// Work for the background: durable, typed, done at least once. Its coding keys are the arguments in the database: ids,
/// never secrets, because operators can read them.
package protocol Job: Codable, Sendable {
    /// `accounts.remove_expired`: lower-case words with a dot; never changed while such jobs wait.
    static var kind: String { get }
    /// Queues do not wait for each other; see `JobQueue`.
    static var queue: String { get }
    /// Of the arguments: another one whenever what is waiting could not be read any more.
    static var version: Int { get }
    /// 0 runs first, 9 last.
    static var priority: Int { get }
    /// How often it is tried, and how long it waits after a failure.
    static var retries: RetryPolicy { get }
    /// How long one run may take before it is cancelled and counts as failed.
    static var timeout: Duration { get }

    /// Reads arguments. A kind that can read older versions implements this itself.
    ///
    /// - Throws: `JobArgumentsFailure`.
    static func read(_ arguments: String, version: Int) throws -> Self
}

extension Job {
    package static var queue: String { JobQueue.standard }
    package static var version: Int { 1 }
    package static var priority: Int { 5 }
    package static var retries: RetryPolicy { .jobs }
    package static var timeout: Duration { .seconds(300) }

    package static func read(_ arguments: String, version: Int) throws -> Self {
        guard version == self.version else {
            throw JobArgumentsFailure(
                "its arguments have version \(version); this program reads version \(self.version) of \(kind)")
        }
        do {
            return try EventCoding.decode(Self.self, from: arguments)
        } catch let error as DecodingError {
            throw JobArgumentsFailure("its arguments are not those of \(kind): \(error.summary)")
        }
    }
}

extension RetryPolicy {
    /// 20 attempts over about two days: 5 s after the first failure, up to 6 hours later on.
    package static let jobs = RetryPolicy(attemptsMax: 20, first: .seconds(5), longest: .seconds(6 * 3_600))
}

/// Arguments that this program cannot read: the job fails and is tried again, perhaps by a newer program.
package struct JobArgumentsFailure: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

extension DecodingError {
    /// Which key, and what is wrong with it; no values.
    fileprivate var summary: String {
        let (context, missing): (Context, String?) =
            switch self {
            case .keyNotFound(let key, let context): (context, key.stringValue)
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                (context, nil)
            @unknown default: (Context(codingPath: [], debugDescription: "unknown"), nil)
            }
        let path = (context.codingPath.map(\.stringValue) + [missing].compactMap { $0 }).joined(separator: ".")
        let problem = missing == nil ? context.debugDescription : "there is no such key"
        return path.isEmpty ? problem : "\(path): \(problem)"
    }
}
