import Shared

extension PermissionSet {
    /// From texts, as a body or a row has them.
    ///
    /// - Parameter field: the name under which the texts came.
    /// - Throws: which text is none, or that there are too many.
    package init(texts: [String], field: String) throws(InvalidFields) {
        guard texts.count <= Self.countMax else {
            throw InvalidFields([.init(field, "must have at most \(Self.countMax) entries")])
        }
        let permissions = texts.map { Permission($0) }
        let problems = permissions.indices.filter { permissions[$0] == nil }.map { index in
            InvalidFields.Problem("\(field)[\(index)]", "must be resource:action, such as documents:read or shop:*")
        }
        guard problems.isEmpty else { throw InvalidFields(problems) }
        self.init(permissions.compactMap { $0 })
    }

    /// The same for a list that somebody wants to be kept: what it says of Gapura's own resources must be declared.
    ///
    /// - Parameter kept: what the list had before may stay, also if nobody declares it any more.
    package init(
        texts: [String], field: String, of registry: PermissionRegistry, on level: PermissionRegistry.Level,
        keeping kept: PermissionSet = .empty
    ) throws(InvalidFields) {
        try self.init(texts: texts, field: field)
        let problems = texts.enumerated().compactMap { index, text -> InvalidFields.Problem? in
            guard let permission = Permission(text), !kept.permissions.contains(permission) else { return nil }
            return registry.objection(to: permission, on: level).map { .init("\(field)[\(index)]", $0) }
        }
        guard problems.isEmpty else { throw InvalidFields(problems) }
    }
}
