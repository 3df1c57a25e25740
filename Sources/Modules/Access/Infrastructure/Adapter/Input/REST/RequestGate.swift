import AccessApplication
import AccessContract
import AccessDomain
import AccountsContract
import Authorization
import HTTP
import Shared

/// The gate of Gapura's own API: people by the tokens of Accounts, programs by keys, rights from memory.
package struct RequestGate: Gate {
    private let accounts: any AccountsFacade
    private let credentials: any CredentialReader
    private let standings: any StandingDirectory
    private let cover: RuleOfCoverService
    private let registry: PermissionRegistry
    private let origins: OriginPolicy
    private let clock: any WallClock

    package init(
        accounts: any AccountsFacade, credentials: any CredentialReader, standings: any StandingDirectory,
        cover: RuleOfCoverService, registry: PermissionRegistry, origins: OriginPolicy, clock: any WallClock
    ) {
        self.accounts = accounts
        self.credentials = credentials
        self.standings = standings
        self.cover = cover
        self.registry = registry
        self.origins = origins
        self.clock = clock
    }

    package func admit(_ request: Request, needing need: Need) async throws -> Principal {
        let principal: Principal
        switch request.presentedCredential(readsKeys: need.readsKeys) {
        case .none: throw Problem.noCredential
        case .malformed: throw Problem.invalidCredential
        case .key(let text): principal = try await program(text, request, need)
        case .bearer(let text):
            if need.readsKeys, APIKeyText.isMeant(text.utf8.span) {
                principal = try await program(text, request, need)
            } else {
                guard let caller = try await accounts.caller(accessToken: text) else {
                    throw Problem.invalidCredential
                }
                principal = try await person(caller, request, need)
            }
        case .cookies(let cookies):
            guard case .one(_, let caller) = try await accounts.choose(own: cookies.own, others: cookies.common) else {
                throw Problem.noCredential
            }
            guard origins.allowsCookie(of: request) else { throw Problem(.originNotAllowed) }
            principal = try await person(caller, request, need)
        }
        try principal.meet(need)
        if case .permission = need { try await requireAdministration(of: principal) }
        return principal
    }

    /// Whoever may write on the platform uses a second factor, wherever such a right is used.
    package func requireAdministration(of principal: Principal) async throws {
        guard let caller = principal.sessionCaller, registry.allowsWriting(principal.permissions) else { return }
        switch try await accounts.administrationObstacle(for: caller) {
        case nil: return
        case .enrolmentNeeded: throw Problem(.mfaEnrolmentRequired)
        case .stepUpNeeded(let demand): throw demand.problem
        }
    }

    package func require(_ need: StepUpNeed, of principal: Principal) async throws {
        let carriesProof: Bool
        switch need {
        case .none: return
        case .fresh: carriesProof = false
        case .freshUnlessProved: carriesProof = true
        }
        guard let caller = principal.sessionCaller,
            let demand = try await accounts.stepUpDemand(of: caller, carriesProof: carriesProof)
        else { return }
        throw demand.problem
    }

    package func mayAct(_ principal: Principal, on user: Identifier, isAdministrator: Bool) throws -> Bool {
        try cover.mayAct(principal, on: user, isAdministrator: isAdministrator)
    }

    private func person(
        _ caller: SessionCaller, _ request: Request, _ need: Need
    ) async throws -> Principal {
        let user = caller.userID.value
        let permissions: PermissionSet =
            if case .session = need { .empty } else { try await standing(of: user).rights.platform }
        return Principal(
            .session(caller.sessionID.value), of: user, permissions: permissions, client: request.callingClient)
    }

    private func program(_ text: String, _ request: Request, _ need: Need) async throws -> Principal {
        guard let key = try await credentials.apiKey(text, at: clock.now) else { throw Problem.invalidCredential }
        let account = key.owner.serviceAccountID
        guard let owner = key.owner.userID ?? account?.value else {
            throw Problem(.permissionDenied, "A gateway's key cannot do this")
        }
        guard key.services.includes(.gapura) else {
            throw Problem(
                .permissionDenied,
                "This key does not list the service gapura, which is this API. Its owner adds it with PATCH /api-keys/{id}"
            )
        }
        let ownerRights =
            if let account { try await standing(of: account).rights } else { try await standing(of: owner).rights }
        if need.takesKeys, let permission = need.permission?.permission, !key.scopes.grants(permission) {
            throw Problem(
                .permissionDenied,
                "This needs the permission \(permission), which is not among the scopes of this key. Scopes never change: make another key with POST /api-keys"
            )
        }
        return Principal(
            .apiKey(key.id.value, prefix: key.prefix.description), of: owner, isServiceAccount: account != nil,
            permissions: key.rights(within: ownerRights).platform, client: request.callingClient)
    }

    private func standing(of account: ServiceAccountID) async throws -> ServiceAccountStanding {
        guard let standing = try await standings.standing(ofServiceAccount: account, at: clock.now) else {
            throw Problem.invalidCredential
        }
        guard standing.isActive else { throw Problem(.accountBlocked) }
        return standing
    }

    private func standing(of user: Identifier) async throws -> Standing {
        guard let standing = try await standings.standing(of: user, at: clock.now) else {
            throw Problem.invalidCredential
        }
        guard standing.isGood else { throw Problem(.accountBlocked) }
        return standing
    }
}

extension Principal {
    /// Nil for a program.
    fileprivate var sessionCaller: SessionCaller? {
        guard case .session(let session) = credential else { return nil }
        return SessionCaller(userID: UserID(userID), sessionID: SessionID(session))
    }
}

extension StepUpDemand {
    fileprivate var problem: Problem { .stepUp(needsSecondFactor: needsSecondFactor, maxAge: maxAge) }
}

extension Request {
    fileprivate var callingClient: ClientInfo { ClientInfo(address: clientAddress, userAgent: headers["user-agent"]) }
}
