import AccessContract
import AccessDomain
import Shared
import Synchronization

/// The last decisions of this process, for a while. Bounded: refusals and what was allowed each have a ring of their own,
/// so that a flood of one does not push the other out.
package final class DecisionLog: ExplainDecision {
    private struct Ring {
        var records: [DecisionRecord] = []
        var next = 0

        mutating func add(_ record: DecisionRecord, capacity: Int) {
            if records.count < capacity {
                records.append(record)
            } else {
                records[next] = record
                next = (next + 1) % capacity
            }
        }
    }

    package static let lifetime: Duration = .seconds(600)

    private let allowed = Mutex(Ring())
    private let refused = Mutex(Ring())
    private let capacity: Int
    private let clock: any WallClock

    /// - Parameter capacity: of each ring.
    package init(clock: any WallClock, capacity: Int = 8_192) {
        self.clock = clock
        self.capacity = max(1, capacity)
    }

    package func note(_ record: DecisionRecord) {
        if record.decision.isAllowed {
            allowed.withLock { $0.add(record, capacity: capacity) }
        } else {
            refused.withLock { $0.add(record, capacity: capacity) }
        }
    }

    package func callAsFunction(_ id: DecisionID) -> DecisionRecord? {
        let found =
            refused.withLock { ring in ring.records.first { $0.decision.id == id } }
            ?? allowed.withLock { ring in ring.records.first { $0.decision.id == id } }
        guard let found, clock.now - found.decision.decidedAt < Self.lifetime else { return nil }
        return found
    }
}

extension DecisionRecord {
    /// - Parameter route: which of the service's.
    init(
        _ decision: Decision, of question: AccessQuestion, _ service: RegisteredService?, source: Source,
        route: Int? = nil, missing: Permission? = nil, cost: Int = 0, entitlementVersion: Int64 = 0
    ) {
        var method: RequestMethod?
        var path: String?
        if case .request(let asked, let target) = question.demand {
            method = asked
            path = Self.short(target.text)
        }
        self.init(
            decision: decision, service: service?.slug.text ?? Self.short(question.service[...]),
            credential: question.credential.kind, source: source, method: method, path: path,
            route: route.flatMap { service?.rules.routes[$0].prefix }, missing: missing, cost: cost,
            entitlementVersion: entitlementVersion)
    }

    /// Of memory of its own: a part would keep the whole of a request.
    private static func short(_ text: Substring) -> String {
        text.utf8.count <= 256 ? String(text) : String(decoding: text.utf8.prefix(256), as: UTF8.self)
    }
}

extension AccessQuestion.Credential {
    var kind: DecisionRecord.CredentialKind {
        switch self {
        case .none: .none
        case .accessToken: .accessToken
        case .apiKey: .apiKey
        case .malformed: .malformed
        }
    }
}
