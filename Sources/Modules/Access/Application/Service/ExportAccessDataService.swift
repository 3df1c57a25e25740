import AccessContract
import AccessDomain
import Shared

/// A person's right to what the gate holds about them.
package struct ExportAccessDataService: Sendable {
    private let work: any AccessWork
    private let usage: any UsageReader
    private let clock: any WallClock

    /// Use is kept for 90 days.
    private static let span: Duration = .seconds(91 * 86_400)

    package init(work: any AccessWork, usage: any UsageReader, clock: any WallClock) {
        self.work = work
        self.usage = usage
        self.clock = clock
    }

    package func callAsFunction(_ person: Identifier) async throws -> AccessDataExport {
        // A day that begins now is one of those until now.
        let end = clock.now + .milliseconds(1)
        let days = try await usage.use(of: .user(person), service: nil, from: end - Self.span, to: end)
        return try await work.read { context in
            let keys = try context.apiKeys.all(of: .user(person))
            return AccessDataExport(
                roles: try context.roles.roles(of: person), apiKeys: keys,
                entitlement: try context.entitlements.find(.user(person)), usage: days,
                keyUses: try keys.flatMap { try context.keyUses.days(of: $0.id, from: end - Self.span, to: end) })
        }
    }
}
