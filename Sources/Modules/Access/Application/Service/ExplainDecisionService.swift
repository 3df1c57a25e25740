import AccessContract
import AccessDomain
import Shared

/// Why the gate decided as it did.
package struct ExplainDecisionService: Sendable {
    private let log: any DecisionLog
    private let refusals: any RecordedRefusals
    private let seal: any DecisionSeal

    package init(log: any DecisionLog, refusals: any RecordedRefusals, seal: any DecisionSeal) {
        self.log = log
        self.refusals = refusals
        self.seal = seal
    }

    /// - Parameter reference: a decision's identifier; of a refusal its sealed record, which any process can read at any
    ///   time.
    /// - Returns: what this process remembers of the last ten minutes, else what the record or the audit log knows; nil
    ///   if none of them knows it.
    package func callAsFunction(_ reference: String) async throws -> DecisionExplanation? {
        let sealed = seal.open(reference)
        guard let id = sealed?.decision.id ?? DecisionID(text: reference) else { return nil }
        if let record = log(id) { return .remembered(record) }
        let refusal = try await refusals.find(id)
        if let sealed { return .sealed(sealed, refusal) }
        return refusal.map { .recorded($0) }
    }
}
