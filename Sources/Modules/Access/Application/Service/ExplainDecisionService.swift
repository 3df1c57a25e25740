import AccessContract

package struct ExplainDecisionService: ExplainDecision {
    private let log: any DecisionLog
    private let refusals: any RecordedRefusals

    package init(log: any DecisionLog, refusals: any RecordedRefusals) {
        self.log = log
        self.refusals = refusals
    }

    package func callAsFunction(_ id: DecisionID) async throws -> DecisionExplanation? {
        if let record = log(id) { return .remembered(record) }
        return try await refusals.find(id).map { .recorded($0) }
    }
}
