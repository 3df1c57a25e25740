/// Whose rows a unit of work may see and change. A store with row-level security holds it to that.
package enum WorkScope: Sendable, Hashable {
    /// People's and the platform's rows, which belong to no tenant.
    case none
    /// The rows of one tenant.
    case tenant(Identifier)
    /// The rows of all tenants, for a reason that has a name.
    case platform(PlatformWork)
}

/// Why a unit of work goes over all tenants: a closed list, so that each reason is known.
package enum PlatformWork: String, Sendable, CaseIterable {
    /// Delivers events.
    case relay
    /// Runs without a request: cleaning up, settling, sending.
    case job
    /// Reads what a process keeps in memory.
    case warmUp = "warm_up"
    /// Finds out to which tenant something belongs.
    case lookup
}
