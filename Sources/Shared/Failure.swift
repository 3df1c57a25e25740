/// A part that Gapura needs cannot be reached or is full. Nothing was done; trying again later may help.
/// Becomes 503 with `Retry-After`.
package struct Unavailable: Error, Sendable, CustomStringConvertible {
    /// What is missing, in one word: `database`, `password_hashing`.
    package let resource: String
    /// For the log only; never shown to a caller.
    package let reason: String
    package let retryAfter: Duration

    package init(_ resource: String, reason: String, retryAfter: Duration = .seconds(1)) {
        self.resource = resource
        self.reason = reason
        self.retryAfter = retryAfter
    }

    package var description: String { "\(resource) unavailable: \(reason)" }
}

/// Something that can only be a defect or damaged data. Becomes 500 with a request id; the text goes to the log only.
package struct InternalFailure: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
