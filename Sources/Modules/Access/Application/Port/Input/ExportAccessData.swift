import AccessContract
import AccessDomain
import Shared

/// Everything that Access holds about a person, but for digests of keys.
package struct AccessDataExport: Sendable {
    package let roles: [Role]
    /// Personal keys, also those that are revoked.
    package let apiKeys: [APIKey]
    /// Nil: the free plan.
    package let entitlement: Entitlement?
    /// By day and service, as far back as it is kept, the oldest day first.
    package let usage: [DailyUse]
    /// What each of the keys has used, by day, the same.
    package let keyUses: [KeyUse]

    package init(
        roles: [Role], apiKeys: [APIKey], entitlement: Entitlement?, usage: [DailyUse], keyUses: [KeyUse]
    ) {
        self.roles = roles
        self.apiKeys = apiKeys
        self.entitlement = entitlement
        self.usage = usage
        self.keyUses = keyUses
    }
}
