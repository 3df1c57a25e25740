import Crypto
import Shared

/// When a second job counts as the same one, and is not made.
package struct JobUniqueness: Sendable {
    package enum Property: Sendable {
        /// Kind and arguments are equal.
        case arguments
        /// Kind and this text are equal, whatever the arguments are.
        case key(String)
    }

    private let property: Property
    private let period: Duration?

    /// - Parameter property: what is equal.
    /// - Returns: one that holds while the first job is not finished.
    package static func untilFinished(by property: Property = .arguments) -> JobUniqueness {
        JobUniqueness(property: property, period: nil)
    }

    /// - Returns: one that holds so long after the first job was made, and while it is not finished. A cancelled or
    ///   discarded job does not count.
    package static func within(_ period: Duration, by property: Property = .arguments) -> JobUniqueness {
        JobUniqueness(property: property, period: period)
    }

    func key(kind: String, arguments: String) -> String {
        let own =
            switch property {
            case .arguments: "a\(arguments)"
            case .key(let key): "k\(key)"
            }
        // Arguments may be longer than what an index takes.
        return Base64URL.encode(SHA256.hash(Array("\(kind)\n\(own)".utf8)))
    }

    func end(from now: Timestamp) -> Timestamp? { period.map { now + $0 } }
}

/// What became of a wish for a job.
package enum Enqueued: Sendable, Equatable {
    case made(JobID)
    /// There is one already.
    case duplicate(of: JobID)
}
