import AccessContract
import Shared

/// A key as somebody wants it, unchecked.
package struct APIKeyDraft: Sendable {
    package var name: String
    /// Nil: a gateway's if all scopes are for asking the gate and no services are listed, else a personal one.
    package var kind: APIKey.Kind?
    package var services: [String]
    package var scopes: [String]
    package var expiresAt: Timestamp?

    package init(
        name: String, kind: APIKey.Kind? = nil, services: [String] = [], scopes: [String] = [],
        expiresAt: Timestamp? = nil
    ) {
        self.name = name
        self.kind = kind
        self.services = services
        self.scopes = scopes
        self.expiresAt = expiresAt
    }

    /// What was asked for, in good form.
    package struct Checked: Sendable, Equatable {
        package let kind: APIKey.Kind
        package let services: KeyServices
        /// Of a gateway's key what its services come to.
        package let scopes: PermissionSet
    }

    /// - Throws: every bad field. Whether the maker has the rights is the next question: `RuleOfCover`.
    package func validated(at now: Timestamp, _ registry: PermissionRegistry) throws(InvalidFields) -> Checked {
        var problems: [InvalidFields.Problem] = []
        if let objection = NameCharacters.objection(to: name, APIKey.nameLengths) {
            problems.append(.init("name", objection))
        }
        if scopes.count > APIKey.scopesMax {
            problems.append(.init("scopes", "must have at most \(APIKey.scopesMax) entries"))
        }
        if let expiresAt, expiresAt <= now { problems.append(.init("expires_at", "must be in the future")) }
        var set = PermissionSet.empty
        do throws(InvalidFields) {
            set = try PermissionSet(
                texts: Array(scopes.prefix(APIKey.scopesMax)), field: "scopes", of: registry, on: .any)
        } catch {
            problems += error.problems
        }
        var listed = KeyServices.none
        do throws(InvalidFields) {
            listed = try KeyServices(texts: services, field: "services")
        } catch {
            problems += error.problems
        }
        guard problems.isEmpty else { throw InvalidFields(problems) }
        let named = KeyServices(checks: set)
        switch kind ?? (named != nil && listed.isEmpty ? .gateway : .personal) {
        case .gateway: return try Self.gateway(listed.isEmpty ? named ?? .none : listed, set)
        case let kind: return try Self.caller(kind, listed, set)
        }
    }

    private static func gateway(
        _ services: KeyServices, _ scopes: PermissionSet
    ) throws(InvalidFields) -> Checked {
        var problems: [InvalidFields.Problem] = []
        if services.isEmpty { problems.append(.init("services", "must list the services that the gateway guards")) }
        if services.slugs.contains(.gapura) { problems.append(.init("services", "no gateway asks about gapura")) }
        if !scopes.isEmpty, scopes != services.checks {
            problems.append(.init("scopes", "a gateway's key has none beside its services"))
        }
        guard problems.isEmpty else { throw InvalidFields(problems) }
        return Checked(kind: .gateway, services: services, scopes: services.checks)
    }

    private static func caller(
        _ kind: APIKey.Kind, _ services: KeyServices, _ scopes: PermissionSet
    ) throws(InvalidFields) -> Checked {
        guard !services.isEmpty else {
            throw InvalidFields([.init("services", "must list the services that the key opens, or *")])
        }
        return Checked(kind: kind, services: services, scopes: scopes)
    }
}

extension APIKey {
    /// Of a name, in Unicode scalars.
    package static let nameLengths = 1...100
}
