import NotificationsContract
import Shared

/// One event on its way to one endpoint, and what became of it.
package struct WebhookDelivery: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case pending
        case delivered
        /// Given up.
        case failed
    }

    package let id: WebhookDeliveryID
    package let endpointID: WebhookEndpointID
    package let event: WebhookEvent
    /// How often it was sent again from the beginning: what an earlier round left behind does not count.
    package private(set) var round: Int
    package private(set) var state: State
    package private(set) var attempts: Int
    package private(set) var nextAttemptAt: Timestamp
    package private(set) var lastAttempt: WebhookAttempt?
    package let createdAt: Timestamp
    package private(set) var endedAt: Timestamp?

    package init(
        id: WebhookDeliveryID, endpointID: WebhookEndpointID, event: WebhookEvent, round: Int = 0,
        state: State = .pending, attempts: Int = 0, nextAttemptAt: Timestamp, lastAttempt: WebhookAttempt? = nil,
        createdAt: Timestamp,
        endedAt: Timestamp? = nil
    ) {
        self.id = id
        self.endpointID = endpointID
        self.event = event
        self.round = round
        self.state = state
        self.attempts = attempts
        self.nextAttemptAt = nextAttemptAt
        self.lastAttempt = lastAttempt
        self.createdAt = createdAt
        self.endedAt = endedAt
    }

    /// After each failure: eleven attempts over a little more than three days. Up to a fifth is added by chance, so
    /// that what failed together does not come back together.
    package static let delays: [Duration] = [5, 60, 300, 1_800, 7_200, 18_000, 36_000, 54_000, 72_000, 86_400]
        .map { .seconds($0) }
    package static let attemptsMax = delays.count + 1
    /// Longer wishes of a receiver are not granted.
    private static let retryAfterMax: Duration = .seconds(86_400)

    package mutating func arrived(_ attempt: WebhookAttempt) {
        attempts += 1
        lastAttempt = attempt
        state = .delivered
        endedAt = attempt.endedAt
    }

    /// - Parameter jitter: from 0 up to 1.
    package mutating func failed(_ attempt: WebhookAttempt, jitter: Double) {
        attempts += 1
        lastAttempt = attempt
        guard attempts < Self.attemptsMax else { return giveUp(at: attempt.endedAt) }
        let delay = Self.delays[attempts - 1] * (1 + jitter / 5)
        nextAttemptAt = attempt.endedAt + max(delay, min(attempt.retryAfter ?? .zero, Self.retryAfterMax))
    }

    /// Nothing was sent, because its host is left alone for a while.
    package mutating func postpone(until moment: Timestamp) { nextAttemptAt = moment }

    package mutating func giveUp(at now: Timestamp) {
        state = .failed
        endedAt = now
    }

    /// From the beginning, whatever became of it.
    package mutating func restart(at now: Timestamp) {
        round += 1
        state = .pending
        attempts = 0
        nextAttemptAt = now
        endedAt = nil
    }
}

/// What a receiver is told.
package struct WebhookEvent: Sendable, Equatable {
    /// The same in every attempt, so that a receiver knows an event that comes again.
    package let id: Identifier
    package let type: String
    package let subject: Identifier
    /// The whole envelope, to the byte.
    package let body: String

    package init(id: Identifier, type: String, subject: Identifier, body: String) {
        self.id = id
        self.type = type
        self.subject = subject
        self.body = body
    }
}

/// How one attempt went.
package struct WebhookAttempt: Sendable, Equatable {
    /// Nil if there was no answer.
    package let status: Int?
    /// Why there was none: a kind and constant words.
    package let error: String?
    /// How the answer's body began.
    package let answer: String
    package let startedAt: Timestamp
    package let endedAt: Timestamp
    /// How long the receiver wants to be left alone. Not kept.
    package let retryAfter: Duration?

    package init(
        status: Int?, error: String? = nil, answer: String = "", startedAt: Timestamp, endedAt: Timestamp,
        retryAfter: Duration? = nil
    ) {
        self.status = status
        self.error = error
        self.answer = answer
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.retryAfter = retryAfter
    }

    /// So much of an answer is kept.
    package static let answerBytesMax = 1_024

    package var hasArrived: Bool { status.map { (200...299).contains($0) } ?? false }
    package var isGone: Bool { status == 410 }
}
