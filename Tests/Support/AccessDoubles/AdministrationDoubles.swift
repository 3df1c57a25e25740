import AccessApplication
import AccessContract
import AccessDomain
import Shared
import Synchronization

/// The days that a test says, and what was asked for.
package final class UsageReaderDouble: UsageReader {
    package struct Question: Sendable, Equatable {
        package let subject: MeterSubject?
        package let service: ServiceID?
        package let from: Timestamp
        package let to: Timestamp

        package init(subject: MeterSubject?, service: ServiceID?, from: Timestamp, to: Timestamp) {
            self.subject = subject
            self.service = service
            self.from = from
            self.to = to
        }
    }

    private struct State {
        var days: [DailyUse] = []
        var questions: [Question] = []
    }

    private let state = Mutex(State())

    package init() {}

    package var questions: [Question] { state.withLock { $0.questions } }
    package func set(_ days: [DailyUse]) { state.withLock { $0.days = days } }

    package func use(
        of subject: MeterSubject?, service: ServiceID?, from: Timestamp, to: Timestamp
    ) async throws -> [DailyUse] {
        state.withLock { state in
            state.questions.append(Question(subject: subject, service: service, from: from, to: to))
            return state.days
        }
    }
}

/// The lines that a test says, and what was asked for.
package final class AuditLogSearchDouble: AuditLogSearch {
    private struct State {
        var records: [AuditRecord] = []
        var filters: [AuditFilter] = []
    }

    private let state = Mutex(State())

    package init() {}

    package var filters: [AuditFilter] { state.withLock { $0.filters } }
    package func set(_ records: [AuditRecord]) { state.withLock { $0.records = records } }

    package func callAsFunction(
        _ filter: AuditFilter, _ part: PageRequest<NewestFirst>
    ) async throws -> Page<AuditRecord, NewestFirst> {
        state.withLock { state in
            state.filters.append(filter)
            return Page(of: state.records, part) { NewestFirst($0.id) }
        }
    }
}
