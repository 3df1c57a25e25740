/// What a look at a provider found, for an operator.
struct ProviderReport: Sendable {
    private(set) var facts: [(name: String, value: String)] = []
    /// What is wrong; nil if a person could sign in, as far as that shows.
    private(set) var problem: String?

    mutating func note(_ name: String, _ value: String) { facts.append((name, value)) }

    mutating func fail(_ problem: String) { self.problem = problem }
}

/// A provider that can be looked at without anybody signing in.
protocol InspectableProvider: Sendable {
    /// Asks the provider itself. Sends no secret but where a sign-in would.
    func inspect() async -> ProviderReport
}
