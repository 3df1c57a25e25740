import AccessContract
import AccessDomain
import Shared

/// A partial update: nil keeps.
package struct ServiceChanges: Sendable {
    package var name: String?
    package var audience: String?
    package var upstream: String?
    package var requiredPermission: Change<String>
    /// All of them.
    package var routes: [ServiceDraft.Route]?
    package var allowAnonymous: Bool?
    package var passCredentials: Bool?
    package var wantsEmail: Bool?
    package var browserSignIn: Bool?
    package var plans: [String]?

    package init(
        name: String? = nil, audience: String? = nil, upstream: String? = nil,
        requiredPermission: Change<String> = .keep, routes: [ServiceDraft.Route]? = nil, allowAnonymous: Bool? = nil,
        passCredentials: Bool? = nil, wantsEmail: Bool? = nil, browserSignIn: Bool? = nil, plans: [String]? = nil
    ) {
        self.name = name
        self.audience = audience
        self.upstream = upstream
        self.requiredPermission = requiredPermission
        self.routes = routes
        self.allowAnonymous = allowAnonymous
        self.passCredentials = passCredentials
        self.wantsEmail = wantsEmail
        self.browserSignIn = browserSignIn
        self.plans = plans
    }

    /// - Throws: every bad field.
    func applied(
        to service: RegisteredService, _ registry: PermissionRegistry
    ) throws(InvalidFields) -> ServiceRules {
        let now = service.rules
        var draft = ServiceDraft(
            slug: service.slug.text, name: name ?? now.name, audience: audience ?? now.audience,
            upstream: upstream ?? now.upstream)
        draft.requiredPermission = requiredPermission.applied(to: now.requiredPermission?.description)
        draft.routes = routes ?? []
        draft.allowAnonymous = allowAnonymous ?? now.allowAnonymous
        draft.passCredentials = passCredentials ?? now.passCredentials
        draft.wantsEmail = wantsEmail ?? now.wantsEmail
        draft.browserSignIn = browserSignIn ?? now.browserSignIn
        draft.plans = plans ?? now.plans.map(\.text)
        var rules = try draft.validated(registry, keeping: now).rules
        if routes == nil { rules.routes = now.routes }
        return rules
    }
}

package enum ServiceOutcome: Sendable, Equatable {
    /// The service as it is now; a deleted one as it was.
    case done(RegisteredService)
    case unknown
    case slugTaken
    /// Another service has it, or Gapura itself.
    case audienceTaken
    /// The caller has not all that the service asks for, or will ask for.
    case permissionDenied
    case invalid(InvalidFields)
}
