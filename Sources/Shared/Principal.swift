/// Who calls Gapura's own API, and what they may do: a person who is signed in, or a program by the API key of a person or
/// of a service account.
package struct Principal: Sendable, Equatable {
    package enum Credential: Sendable, Equatable {
        /// A person's own session.
        case session(Identifier)
        /// A key; the prefix is its name for people, and no secret.
        case apiKey(Identifier, prefix: String)
    }

    package let credential: Credential
    /// The person, or the owner of the key: a person, or a service account if `isServiceAccount`.
    package let userID: Identifier
    /// The key's owner is no person.
    package let isServiceAccount: Bool
    /// On the whole platform; of a key, what it may do for its owner. Empty where a session was all that was asked for.
    package let permissions: PermissionSet
    package let client: ClientInfo

    package init(
        _ credential: Credential, of userID: Identifier, isServiceAccount: Bool = false, permissions: PermissionSet,
        client: ClientInfo
    ) {
        self.credential = credential
        self.userID = userID
        self.isServiceAccount = isServiceAccount
        self.permissions = permissions
        self.client = client
    }

    /// A person, and no program.
    package var isPerson: Bool { if case .session = credential { true } else { false } }

    /// Whether the caller may do something with a row of the platform.
    package func may(_ permission: DeclaredPermission) -> Bool {
        (isPerson || permission.isForKeys) && permissions.grants(permission.permission)
    }

    /// As the audit log names the caller: `user:<id>` or `api_key:<prefix>`.
    package var auditName: String {
        switch credential {
        case .session: "user:\(userID)"
        case .apiKey(_, let prefix): "api_key:\(prefix)"
        }
    }

    /// For the erasable part of the audit log. Only beside the name of a person: other lines are not found when
    /// somebody is to be forgotten.
    package var auditPersonal: [String: String] { isPerson ? client.personal : [:] }
}

extension AuditEntry {
    /// What the caller did.
    package static func done(_ action: String, on subject: String, by principal: Principal) -> AuditEntry {
        .done(action, by: principal.auditName, on: subject, personal: principal.auditPersonal)
    }

    /// What the caller tried in vain.
    package static func refused(
        _ action: String, because reason: String, on subject: String, by principal: Principal
    ) -> AuditEntry {
        .refused(action, because: reason, by: principal.auditName, on: subject, personal: principal.auditPersonal)
    }
}
