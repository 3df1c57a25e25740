import AccessApplication
import AccessDomain
import AccountsContract
import HTTP
import Shared

/// Finds out who uses the administration and whether he may: by a bearer token, an API key or, for browsers, the
/// session cookie. The first that is there counts, good or not.
package struct AdministratorGate: Sendable {
    static let sessionCookie = "gapura_session"
    static let keyHeader = "X-Api-Key"

    private let credentials: any CredentialReader
    private let standings: any StandingDirectory
    private let origins: OriginPolicy
    private let clock: any WallClock

    package init(
        credentials: any CredentialReader, standings: any StandingDirectory, origins: OriginPolicy,
        clock: any WallClock
    ) {
        self.credentials = credentials
        self.standings = standings
        self.origins = origins
        self.clock = clock
    }

    /// - Parameter permission: nil if being signed in is enough.
    /// - Throws: a problem 401 if nobody is signed in; 403 if he may not, is blocked, or if the cookie comes from a
    ///   foreign origin.
    func administrator(of request: Request, needing permission: Permission?) async throws -> Administrator {
        let administrator = try await identify(request)
        if let permission, !administrator.may(permission) {
            throw Problem(
                .permissionDenied,
                administrator.isPerson || GapuraPermission.isForKeys(permission)
                    ? "This needs the permission \(permission)" : "API keys cannot do this")
        }
        return administrator
    }

    private func identify(_ request: Request) async throws -> Administrator {
        switch request.headers.authorization {
        case .absent: break
        case .bearer(let credential):
            return APIKeyText.isMeant(credential.utf8.span)
                ? try await holder(ofKey: credential, request) : try await holder(ofToken: credential, request)
        case .other: throw Problem.invalidCredential
        }
        if request.headers.contains(Self.keyHeader) {
            return try await holder(ofKey: request.headers[Self.keyHeader] ?? "", request)
        }
        guard let token = request.cookie(Self.sessionCookie) else { throw Problem.noCredential }
        guard let user = try await credentials.user(accessToken: token) else { throw Problem.noCredential }
        guard origins.allowsCookie(of: request) else { throw Problem(.originNotAllowed) }
        return try await person(user, request)
    }

    private func holder(ofToken token: String, _ request: Request) async throws -> Administrator {
        guard let user = try await credentials.user(accessToken: token) else { throw Problem.invalidCredential }
        return try await person(user, request)
    }

    private func holder(ofKey text: String, _ request: Request) async throws -> Administrator {
        guard let key = try await credentials.apiKey(text, at: clock.now) else { throw Problem.invalidCredential }
        guard let owner = key.owner.userID else { throw Problem(.permissionDenied, "Keys of tenants cannot do this") }
        let standing = try await standing(of: owner)
        return Administrator(
            .apiKey(key.id, key.prefix), standing: standing, rights: key.rights(within: standing.rights),
            client: request.callingClient)
    }

    private func person(_ user: Identifier, _ request: Request) async throws -> Administrator {
        let standing = try await standing(of: user)
        return Administrator(.session, standing: standing, rights: standing.rights, client: request.callingClient)
    }

    private func standing(of user: Identifier) async throws -> Standing {
        guard let standing = try await standings.standing(of: user, at: clock.now) else {
            throw Problem.invalidCredential
        }
        guard standing.isGood else { throw Problem(.accountBlocked) }
        return standing
    }
}

extension Request {
    fileprivate var callingClient: ClientInfo { ClientInfo(address: clientAddress, userAgent: headers["user-agent"]) }
}
