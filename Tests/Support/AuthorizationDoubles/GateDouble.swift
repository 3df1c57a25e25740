import Authorization
import HTTP
import Shared

/// A gate for the routes of one module: a test says who is behind a token.
package struct GateDouble: Gate {
    private let origins: OriginPolicy
    private let identify: @Sendable (_ token: String) async throws -> Principal?
    private let stepUp: @Sendable (StepUpNeed, Principal) async throws -> Void

    /// - Parameters:
    ///   - origins: of which the session cookie counts.
    ///   - stepUp: refuses sessions whose proof is too old or too weak; none if nothing is said.
    ///   - identify: who is behind an access token or a key, with an account in order; nil for nobody.
    package init(
        origins: OriginPolicy, stepUp: @escaping @Sendable (StepUpNeed, Principal) async throws -> Void = { _, _ in },
        _ identify: @escaping @Sendable (_ token: String) async throws -> Principal?
    ) {
        self.origins = origins
        self.stepUp = stepUp
        self.identify = identify
    }

    package func admit(_ request: Request, needing need: Need) async throws -> Principal {
        let principal: Principal
        switch request.presentedCredential(readsKeys: need.readsKeys) {
        case .none: throw Problem.noCredential
        case .malformed: throw Problem.invalidCredential
        case .bearer(let text), .key(let text):
            guard let found = try await identify(text) else { throw Problem.invalidCredential }
            principal = found
        case .cookies(let cookies):
            guard let token = cookies.all.first, let found = try await identify(token) else {
                throw Problem.noCredential
            }
            guard origins.allowsCookie(of: request) else { throw Problem(.originNotAllowed) }
            principal = found
        }
        try principal.meet(need)
        return principal
    }

    package func require(_ need: StepUpNeed, of principal: Principal) async throws { try await stepUp(need, principal) }

    package func requireAdministration(of principal: Principal) async throws {}

    /// Nobody has a role beside administrators.
    package func mayAct(_ principal: Principal, on user: Identifier, isAdministrator: Bool) throws -> Bool {
        !isAdministrator || principal.permissions.covers(.all)
    }
}
