import Shared

/// What the catalogue of events says of those of Access.
package enum AccessCatalogue {
    private static let user = Identifier.example(0)
    private static let account = ServiceAccountID(.example(5))

    package static let events = [
        EventDescription(
            RoleChanged(rolesOf: user, in: TenantID(.example(1))),
            """
            A role was made, changed or removed (`role_id`), or someone's roles are others now (`user_id`). One of \
            the two is there.
            """),
        EventDescription(
            ServiceChanged(serviceID: ServiceID(.example(2)), slug: "cvmaker"),
            "A service was registered, changed, switched on or off, or removed."),
        EventDescription(
            APIKeyCreated(
                keyID: APIKeyID(.example(3)), userID: user, tenantID: TenantID(.example(1)),
                serviceAccountID: account, kind: "personal", madeBy: .example(4)),
            """
            A key was made. `kind` is `personal`, `service_account` or `gateway`; it is absent in events of earlier \
            versions. `user_id` is absent for a key of no person, `service_account_id` for one of no service \
            account. `made_by` is there if it was not the owner.
            """),
        EventDescription(
            APIKeyChanged(
                keyID: APIKeyID(.example(3)), userID: user, tenantID: TenantID(.example(1)),
                serviceAccountID: account, change: "changed", changedBy: .example(4)),
            """
            A key has another name or opens other services (`change` is `changed`), or has another secret \
            (`rotated`). `changed_by` is there if it was not the owner.
            """),
        EventDescription(
            APIKeyServicesNeeded(keyID: APIKeyID(.example(3)), userID: user),
            "A key of 0.1.0 opens nothing until its owner lists the services that it is for."),
        EventDescription(
            APIKeyRevoked(
                keyID: APIKeyID(.example(3)), userID: user, tenantID: TenantID(.example(1)),
                serviceAccountID: account, reason: "revoked", revokedBy: .example(4)),
            """
            A key opens nothing any more. `reason` is `revoked`, `owner_deleted` or `membership_ended`. `revoked_by` \
            is there if it was not the owner.
            """),
        EventDescription(
            ServiceAccountChanged(account),
            "A service account was made, changed, switched on or off, or removed."),
        EventDescription(
            QuotaThresholdReached(holder: .user(user), quota: quota(used: 40)),
            """
            80 % of a limit are used; once for each window. One of `user_id`, `tenant_id` and `service_account_id` is \
            there.
            """),
        EventDescription(
            QuotaExhausted(holder: .user(user), quota: quota(used: 50)),
            """
            Nothing is left of a limit; once for each window. One of `user_id`, `tenant_id` and `service_account_id` \
            is there.
            """),
    ]

    private static func quota(used: Int) -> QuotaState {
        QuotaState(
            plan: "free", policy: "day", service: "cvmaker", limit: 50, used: used,
            windowStart: Timestamp(seconds: 1_790_000_000), windowEnd: Timestamp(seconds: 1_790_086_400))
    }
}
