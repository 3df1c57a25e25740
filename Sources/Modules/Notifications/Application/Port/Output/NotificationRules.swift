import NotificationsDomain

/// The rules as they are now, mostly from memory.
package protocol NotificationRules: Sendable {
    /// - Throws: what the store throws if memory does not know.
    func current() async throws -> RuleSet
}
