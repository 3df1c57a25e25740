import AccessApplication
import AccessContract
import AccessDomain
import Shared
import Synchronization
import TestSupport

/// Remembers every answer.
package final class AnsweredRequestsDouble: AnsweredRequests {
    private let answered = Mutex<[GatewayRequest: AnsweredRequest]>([:])

    package init() {}

    package func find(_ request: GatewayRequest) -> AnsweredRequest? { answered.withLock { $0[request] } }

    package func note(_ answered: AnsweredRequest, _ request: GatewayRequest) {
        self.answered.withLock { $0[request] = answered }
    }

    package func takeCounted(
        _ requestID: String, of service: ServiceID, preferring gateway: GatewayRequest.Gateway, at now: Timestamp
    ) -> AnsweredRequest? {
        answered.withLock { answered in
            let found = answered.filter {
                $0.key.requestID == requestID && $0.key.service == service && $0.value.isCounted(at: now)
            }
            guard let (request, counted) = found.first(where: { $0.key.gateway == gateway }) ?? found.first else {
                return nil
            }
            answered[request] = nil
            return counted
        }
    }
}

/// Keeps every decision.
package final class DecisionLogDouble: DecisionLog {
    private let recorder = Recorder<DecisionRecord>()

    package init() {}

    package var records: [DecisionRecord] { recorder.all }

    package func note(_ record: DecisionRecord) { recorder.add(record) }

    package func callAsFunction(_ id: DecisionID) -> DecisionRecord? { records.first { $0.decision.id == id } }
}

/// Seals by remembering.
package final class DecisionSealDouble: DecisionSeal {
    private let sealed = Mutex<[String: DecisionRecord]>([:])

    package init() {}

    package func seal(_ record: DecisionRecord) throws -> String {
        let text = "d_\(record.decision.id)"
        sealed.withLock { $0[text] = record }
        return text
    }

    package func open(_ text: String) -> DecisionRecord? { sealed.withLock { $0[text] } }
}

/// The refusals that a test says.
package final class RecordedRefusalsDouble: RecordedRefusals {
    private let refusals = Mutex<[DecisionID: RecordedRefusal]>([:])

    package init() {}

    package func set(_ refusal: RecordedRefusal, of id: DecisionID) { refusals.withLock { $0[id] = refusal } }

    package func find(_ id: DecisionID) async throws -> RecordedRefusal? { refusals.withLock { $0[id] } }
}

/// Remembers what was noted.
package final class FollowUpsDouble: FollowUps {
    package enum Note: Sendable, Equatable {
        case refusal(DenialReason?, ServiceSlug?, NetworkAddress)
        case news([DrawOutcome.News], QuotaHolder, PlanCode, ServiceSlug)
        case device(Identifier, of: Identifier)
        case use(APIKeyID)
        case cost(Int, of: APIKeyID)
    }

    private let recorder = Recorder<Note>()

    package init() {}

    package var notes: [Note] { recorder.all }

    package func noteRefusal(_ decision: Decision, _ service: ServiceSlug?, from address: NetworkAddress) {
        recorder.add(.refusal(decision.denial, service, address))
    }

    package func noteNews(
        _ news: [DrawOutcome.News], of holder: QuotaHolder, plan: PlanCode, _ service: ServiceSlug
    ) {
        recorder.add(.news(news, holder, plan, service))
    }

    package func noteDevice(_ device: Identifier, of user: Identifier, at now: Timestamp) {
        recorder.add(.device(device, of: user))
    }

    package func noteUse(of key: APIKeyID, at now: Timestamp) { recorder.add(.use(key)) }

    package func noteCost(_ cost: Int, of key: APIKeyID, at now: Timestamp) { recorder.add(.cost(cost, of: key)) }
}

/// Counts how often it was asked, and fails if a test says so.
package final class FreshnessDouble: Freshness {
    private let failure = Mutex<(any Error)?>(nil)
    private let calls = Mutex(0)
    private let refreshes = Mutex(0)
    private let whenRefreshed = Mutex<(@Sendable () -> Void)?>(nil)

    package init() {}

    package var callCount: Int { calls.withLock { $0 } }

    package func fail(with error: any Error) { failure.withLock { $0 = error } }

    package func isFresh(at now: Timestamp) -> Bool { CacheLevel.current >= .fresh && failure.withLock { $0 == nil } }

    package func refresh() async throws {
        refreshes.withLock { $0 += 1 }
        whenRefreshed.withLock { $0 }?()
    }

    /// - Parameter body: what the store's answer brings.
    package func onRefresh(_ body: @escaping @Sendable () -> Void) { whenRefreshed.withLock { $0 = body } }

    package var refreshCount: Int { refreshes.withLock { $0 } }

    package func refreshIfStale(at now: Timestamp) async throws {
        calls.withLock { $0 += 1 }
        if let error = failure.withLock({ $0 }) { throw error }
    }
}

/// Has what a test says, and remembers what is put back.
package final class PendingFollowUpsDouble: PendingFollowUps {
    private let batch = Mutex(FollowUpBatch())

    package init() {}

    /// What waits.
    package var pending: FollowUpBatch { batch.withLock { $0 } }

    package func note(_ body: (inout FollowUpBatch) -> Void) { batch.withLock { body(&$0) } }

    package func drain() -> FollowUpBatch {
        batch.withLock { batch in
            defer { batch = FollowUpBatch() }
            return batch
        }
    }

    package func putBack(_ batch: FollowUpBatch) { self.batch.withLock { $0.add(batch) } }
}
