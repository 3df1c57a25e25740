import AccessContract
import Shared

/// A caller of its own that is no person: it has roles, a plan and keys, and outlives whoever made it.
package struct ServiceAccount: Sendable, Equatable {
    package static let rolesMax = 64

    package let id: ServiceAccountID
    package private(set) var name: String
    /// Nil: of the platform.
    package let tenantID: TenantID?
    /// False: its keys are refused everywhere.
    package private(set) var isActive: Bool
    package let createdAt: Timestamp
    package private(set) var updatedAt: Timestamp

    package init(
        id: ServiceAccountID, name: String, tenantID: TenantID? = nil, isActive: Bool = true, createdAt: Timestamp,
        updatedAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.tenantID = tenantID
        self.isActive = isActive
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// Of the name, in Unicode scalars.
    package static let nameLengths = 1...100

    /// - Throws: the field `name`, if it is none.
    package static func validate(name: String) throws(InvalidFields) {
        guard let objection = NameCharacters.objection(to: name, nameLengths) else { return }
        throw InvalidFields([.init("name", objection)])
    }

    /// A partial update: nil keeps.
    ///
    /// - Returns: whether anything is another now.
    package mutating func change(name: String?, isActive: Bool?, at now: Timestamp) -> Bool {
        let before = self
        self.name = name ?? self.name
        self.isActive = isActive ?? self.isActive
        guard self != before else { return false }
        updatedAt = now
        return true
    }

    /// Its roles are others now.
    package mutating func touch(at now: Timestamp) { updatedAt = now }
}
