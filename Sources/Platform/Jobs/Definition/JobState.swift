import Shared

package struct JobID: EntityID {
    package let value: Identifier

    package init(_ value: Identifier) {
        self.value = value
    }
}

package enum JobState: String, Sendable, CaseIterable {
    /// Runs as soon as a worker has room.
    case available
    /// Becomes available at a later moment.
    case scheduled
    case running
    /// Failed, and becomes available after a pause.
    case retryable
    case completed
    case cancelled
    /// Failed for the last time.
    case discarded
}
