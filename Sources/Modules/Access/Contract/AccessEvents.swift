import Shared

/// An event of Access. Its JSON is the `data` of the envelope. A user is named by the plain identifier, because the
/// contract of one module does not import another's.
package protocol AccessEvent: DomainEvent {}

extension AccessEvent {
    package static var source: String { "/gapura/access" }
    package static var isPublic: Bool { true }
}

/// A role was made, changed or removed, or somebody's roles are others now. What is cached of rights is stale.
package struct RoleChanged: AccessEvent {
    package static let type = "role.changed"
    /// The role that is another now; nil if a user's roles are.
    package let roleID: RoleID?
    /// Whose roles are others now; nil if the role itself is.
    package let userID: Identifier?
    /// Where the role or the assignment counts; nil for the whole platform.
    package let tenantID: TenantID?
    package let subject: Identifier

    package init(role: RoleID, of tenant: TenantID?) {
        roleID = role
        userID = nil
        tenantID = tenant
        subject = role.value
    }

    package init(rolesOf user: Identifier, in tenant: TenantID?) {
        roleID = nil
        userID = user
        tenantID = tenant
        subject = user
    }

    /// The subject is one of them.
    private enum Fields: CodingKey {
        case roleID, userID, tenantID
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Fields.self)
        roleID = try fields.decodeIfPresent(RoleID.self, forKey: .roleID)
        userID = try fields.decodeIfPresent(Identifier.self, forKey: .userID)
        tenantID = try fields.decodeIfPresent(TenantID.self, forKey: .tenantID)
        guard let subject = userID ?? roleID?.value else {
            throw DecodingError.dataCorruptedError(
                forKey: .roleID, in: fields, debugDescription: "neither a role nor a user")
        }
        self.subject = subject
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Fields.self)
        try fields.encodeIfPresent(roleID, forKey: .roleID)
        try fields.encodeIfPresent(userID, forKey: .userID)
        try fields.encodeIfPresent(tenantID, forKey: .tenantID)
    }
}

/// A key was made.
package struct APIKeyCreated: AccessEvent {
    package static let type = "api_key.created"
    package let apiKeyID: APIKeyID
    /// Whose key it is; nil for a key of no person.
    package let userID: Identifier?
    /// For which tenant it acts; nil for none.
    package let tenantID: TenantID?
    /// Whose key it is; nil for a key of anybody else.
    package let serviceAccountID: ServiceAccountID?
    /// `personal`, `service_account` or `gateway`; nil in events of earlier versions.
    package let kind: String?
    /// Who made it for somebody else; nil for the owner.
    package let madeBy: Identifier?

    package var subject: Identifier { apiKeyID.value }

    package init(
        keyID: APIKeyID, userID: Identifier?, tenantID: TenantID?, serviceAccountID: ServiceAccountID? = nil,
        kind: String, madeBy: Identifier? = nil
    ) {
        apiKeyID = keyID
        self.userID = userID
        self.tenantID = tenantID
        self.serviceAccountID = serviceAccountID
        self.kind = kind
        self.madeBy = madeBy
    }
}

/// A key of an earlier version opens nothing until its owner lists the services that it is for.
package struct APIKeyServicesNeeded: AccessEvent {
    package static let type = "api_key.services_needed"
    package let apiKeyID: APIKeyID
    package let userID: Identifier

    package var subject: Identifier { apiKeyID.value }

    package init(keyID: APIKeyID, userID: Identifier) {
        apiKeyID = keyID
        self.userID = userID
    }
}

/// A key has another name, opens other services, or has another secret.
package struct APIKeyChanged: AccessEvent {
    package static let type = "api_key.changed"
    package let apiKeyID: APIKeyID
    package let userID: Identifier?
    package let tenantID: TenantID?
    package let serviceAccountID: ServiceAccountID?
    /// A stable code: `changed` for its name or its services, `rotated` for its secret.
    package let change: String
    /// Who did it for somebody else; nil for the owner.
    package let changedBy: Identifier?

    package var subject: Identifier { apiKeyID.value }

    package init(
        keyID: APIKeyID, userID: Identifier?, tenantID: TenantID?, serviceAccountID: ServiceAccountID? = nil,
        change: String, changedBy: Identifier? = nil
    ) {
        apiKeyID = keyID
        self.userID = userID
        self.tenantID = tenantID
        self.serviceAccountID = serviceAccountID
        self.change = change
        self.changedBy = changedBy
    }
}

/// A key opens nothing any more.
package struct APIKeyRevoked: AccessEvent {
    package static let type = "api_key.revoked"
    package let apiKeyID: APIKeyID
    package let userID: Identifier?
    package let tenantID: TenantID?
    package let serviceAccountID: ServiceAccountID?
    /// A stable code: `revoked`, `owner_deleted`, `membership_ended`.
    package let reason: String
    /// Who did it for somebody else; nil for the owner, and if it ended with its owner.
    package let revokedBy: Identifier?

    package var subject: Identifier { apiKeyID.value }

    package init(
        keyID: APIKeyID, userID: Identifier?, tenantID: TenantID?, serviceAccountID: ServiceAccountID? = nil,
        reason: String, revokedBy: Identifier? = nil
    ) {
        apiKeyID = keyID
        self.userID = userID
        self.tenantID = tenantID
        self.serviceAccountID = serviceAccountID
        self.reason = reason
        self.revokedBy = revokedBy
    }
}

/// A service account was made, changed, switched on or off, or removed.
package struct ServiceAccountChanged: AccessEvent {
    package static let type = "service_account.changed"
    package let serviceAccountID: ServiceAccountID

    package var subject: Identifier { serviceAccountID.value }

    package init(_ id: ServiceAccountID) {
        serviceAccountID = id
    }
}

/// A service was registered, changed, switched on or off, or removed.
package struct ServiceChanged: AccessEvent {
    package static let type = "service.changed"
    package let serviceID: ServiceID
    package let slug: String

    package var subject: Identifier { serviceID.value }

    package init(serviceID: ServiceID, slug: String) {
        self.serviceID = serviceID
        self.slug = slug
    }
}
