import Shared

/// A named list of permissions.
package struct RoleID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}

/// A company or a team, whose members share its data and its plan.
package struct TenantID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}

/// A service behind the gate.
package struct ServiceID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}

/// A key that a program carries. The id alone opens nothing.
package struct APIKeyID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}

/// A named caller of its own that is no person: a robot of the platform.
package struct ServiceAccountID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}

/// What a person, a tenant or a service account may use, by a plan.
package struct EntitlementID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}

/// An amount that is set aside for work under way.
package struct ReservationID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}

/// One answer of the gate, to ask about later.
package struct DecisionID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}
