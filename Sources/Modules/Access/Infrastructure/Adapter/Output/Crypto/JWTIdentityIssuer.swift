import AccessApplication
import AccessContract
import AccessDomain
import AccountsContract
import JSON
import Shared
import Synchronization

/// Signs who the caller is, for one service: a JWT of 60 seconds, kept for the first half of them.
final class JWTIdentityIssuer: IdentityIssuer {
    static let type = "gapura-identity+jwt"
    static let lifetime: Duration = .seconds(60)
    /// Gateways have little room for headers.
    static let bytesMax = 1_024

    private struct Key: Hashable {
        let kind: Caller.Kind
        let user: Identifier?
        let serviceAccount: ServiceAccountID?
        let tenant: TenantID?
        let service: ServiceID
    }

    private struct Entry {
        let caller: Caller
        let audience: String
        let token: SignedToken
        let issuedAt: Timestamp
        let renewsAt: Timestamp
    }

    private struct Halves {
        var younger: [Key: Entry] = [:]
        var older: [Key: Entry] = [:]
    }

    private let signing: any TokenSigning
    private let identifiers: any IdentifierSource
    private let halves = Mutex(Halves())
    private let halfCapacity: Int

    init(signing: any TokenSigning, identifiers: any IdentifierSource, capacity: Int = 20_000) {
        self.signing = signing
        self.identifiers = identifiers
        halfCapacity = max(1, capacity / 2)
    }

    func identity(
        of caller: Caller, for service: RegisteredService, at now: Timestamp
    ) throws -> String {
        let key = Key(
            kind: caller.kind, user: caller.userID, serviceAccount: caller.serviceAccountID, tenant: caller.tenantID,
            service: service.id)
        let known = halves.withLock { $0.younger[key] ?? $0.older[key] }
        if let known, isGood(known, caller, service, at: now) { return known.token.text }
        let token = try sign(caller, service, at: now)
        let entry = Entry(
            caller: caller, audience: service.audience, token: token, issuedAt: now,
            renewsAt: now + Self.lifetime / 2)
        halves.withLock { halves in
            if halves.younger.count >= halfCapacity {
                halves.older = halves.younger
                halves.younger = [:]
            }
            halves.younger[key] = entry
        }
        return token.text
    }

    /// Also not after a change of roles, plan, audience or key.
    private func isGood(
        _ entry: Entry, _ caller: Caller, _ service: RegisteredService, at now: Timestamp
    ) -> Bool {
        entry.issuedAt <= now && now < entry.renewsAt && entry.token.keyID == signing.keyID && entry.caller == caller
            && entry.audience == service.audience
    }

    private func sign(
        _ caller: Caller, _ service: RegisteredService, at now: Timestamp
    ) throws -> SignedToken {
        var roles = caller.roles
        while true {
            let token = try signing.sign(
                claims: claims(of: caller, roles: roles, service, at: now), type: Self.type)
            if token.text.utf8.count < Self.bytesMax || roles.isEmpty { return token }
            roles.removeLast(max(1, roles.count / 2))
        }
    }

    /// - Parameter roles: as many of the caller's as there is room for.
    private func claims(
        of caller: Caller, roles: [String], _ service: RegisteredService, at now: Timestamp
    ) -> [UInt8] {
        var claims = JSONWriter(capacity: 512)
        claims.object { claims in
            claims.key("iss")
            claims.string(signing.issuer)
            claims.key("sub")
            if let account = caller.serviceAccountID {
                claims.string("service_account:\(account)")
            } else {
                claims.string((caller.userID ?? caller.tenantID?.value)?.description ?? "anonymous")
            }
            claims.key("aud")
            claims.string(service.audience)
            claims.key("iat")
            claims.integer(now.seconds)
            claims.key("exp")
            claims.integer(now.seconds + Self.lifetime.components.seconds)
            claims.key("jti")
            claims.string(identifiers.next().description)
            claims.key("kind")
            claims.string(caller.kind.rawValue)
            claims.key("tenant")
            if let tenant = caller.tenantID { claims.string(tenant.description) } else { claims.null() }
            claims.key("roles")
            claims.array { list in
                for role in roles { list.string(role) }
            }
            if roles.count < caller.roles.count {
                claims.key("roles_cut")
                claims.bool(true)
            }
            claims.key("plan")
            claims.string(caller.plan.text)
        }
        return claims.bytes
    }
}
