import AccountsApplication
import AccountsContract
import AccountsDomain
import SQL
import Shared

struct SQLIdentityRepository: IdentityRepository {
    let transaction: any SQLTransaction

    func find(_ id: IdentityID) throws -> Identity? {
        try transaction.first("\(Self.selectIdentity) WHERE id = \(id)", Self.identity)
    }

    func find(_ provider: ProviderName, issuer: String, subject: String) throws -> Identity? {
        try transaction.first(
            """
            \(Self.selectIdentity)
            WHERE provider = \(provider.text) AND issuer = \(issuer) AND subject = \(subject)
            """, Self.identity)
    }

    func all(of userID: UserID) throws -> [Identity] {
        try transaction.query("\(Self.selectIdentity) WHERE user_id = \(userID) ORDER BY id", Self.identity)
    }

    func insert(_ identity: Identity) throws {
        let claims = identity.claims
        // Not submitted: what is broken has to be known before anything else is done.
        _ = try transaction.execute(
            """
            INSERT INTO identities (id, user_id, provider, issuer, subject, email, email_trust, name, given_name,
                family_name, picture, locale, hosted_domain, tenant_id, linked_at, last_used_at)
            VALUES (\(identity.id), \(identity.userID), \(identity.provider.text), \(identity.issuer),
                \(identity.subject), \(identity.email?.text), \(identity.emailTrust.rawValue), \(claims.name),
                \(claims.givenName), \(claims.familyName), \(claims.picture), \(claims.locale),
                \(claims.hostedDomain), \(claims.tenantID), \(identity.linkedAt), \(identity.lastUsed))
            """)
    }

    func update(_ identity: Identity) throws {
        let claims = identity.claims
        try transaction.submit(
            """
            UPDATE identities SET email = \(identity.email?.text), email_trust = \(identity.emailTrust.rawValue),
                name = \(claims.name), given_name = \(claims.givenName), family_name = \(claims.familyName),
                picture = \(claims.picture), locale = \(claims.locale), hosted_domain = \(claims.hostedDomain),
                tenant_id = \(claims.tenantID), last_used_at = \(identity.lastUsed)
            WHERE id = \(identity.id)
            """)
    }

    func delete(_ id: IdentityID) throws {
        try transaction.submit("DELETE FROM identities WHERE id = \(id)")
    }

    private static let selectIdentity: Statement =
        """
        SELECT id, user_id, provider, issuer, subject, email, email_trust, name, given_name, family_name, picture,
            locale, hosted_domain, tenant_id, linked_at, last_used_at
        FROM identities
        """

    private static func identity(_ row: Row) throws -> Identity {
        var next = row.reader
        return Identity(
            id: try next.id(), userID: try next.id(), provider: ProviderName(stored: try next.text()),
            issuer: try next.text(), subject: try next.text(),
            email: try next.optionalText().flatMap { EmailAddress($0) },
            emailTrust: EmailTrust(rawValue: try next.text()) ?? .none, claims: try claims(&next),
            linkedAt: try next.timestamp(), lastUsed: try next.timestamp())
    }

    private static func claims(_ next: inout RowReader) throws -> IdentityClaims {
        IdentityClaims(
            name: try next.optionalText(), givenName: try next.optionalText(), familyName: try next.optionalText(),
            picture: try next.optionalText(), locale: try next.optionalText(),
            hostedDomain: try next.optionalText(), tenantID: try next.optionalText())
    }
}
