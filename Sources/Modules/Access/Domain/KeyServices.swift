import Shared

/// The services that a key lists: it opens these and no others, and a gateway's key asks about these.
package struct KeyServices: Sendable, Equatable {
    /// Stands for every service but `gapura`, which must be listed by name.
    package static let every = "*"
    package static let countMax = 64
    package static let none = KeyServices([])

    package let listsEvery: Bool
    /// In order, each once.
    package let slugs: [ServiceSlug]

    package init(_ slugs: some Sequence<ServiceSlug>, listsEvery: Bool = false) {
        self.slugs = Set(slugs).sorted()
        self.listsEvery = listsEvery
    }

    /// - Parameter field: the name under which the texts came.
    /// - Throws: which text is neither a slug nor `*`, or that there are too many.
    package init(texts: [String], field: String) throws(InvalidFields) {
        guard texts.count <= Self.countMax else {
            throw InvalidFields([.init(field, "must have at most \(Self.countMax) entries")])
        }
        var slugs: [ServiceSlug] = []
        var problems: [InvalidFields.Problem] = []
        for (index, text) in texts.enumerated() where text != Self.every {
            if let slug = ServiceSlug(text) {
                slugs.append(slug)
            } else {
                problems.append(.init("\(field)[\(index)]", "must be the slug of a service, or *"))
            }
        }
        guard problems.isEmpty else { throw InvalidFields(problems) }
        self.init(slugs, listsEvery: texts.contains(Self.every))
    }

    package var texts: [String] { (listsEvery ? [Self.every] : []) + slugs.map(\.text) }

    package var isEmpty: Bool { !listsEvery && slugs.isEmpty }

    /// Allocates nothing: asked for every request with a key.
    package func includes(_ slug: ServiceSlug) -> Bool {
        slugs.contains(slug) || listsEvery && slug != .gapura
    }

    package func union(_ other: KeyServices) -> KeyServices {
        KeyServices(slugs + other.slugs, listsEvery: listsEvery || other.listsEvery)
    }

    /// The same without a service.
    package func removing(_ slug: ServiceSlug) -> KeyServices {
        KeyServices(slugs.filter { $0 != slug }, listsEvery: listsEvery)
    }

    /// The rights to ask the gate about these services.
    package var checks: PermissionSet {
        PermissionSet(slugs.map(Permission.check) + (listsEvery ? [AccessPermission.check.permission] : []))
    }

    /// The services that a list of rights to ask names.
    ///
    /// - Returns: nil if there is none in the list, or anything else.
    package init?(checks: PermissionSet) {
        let every = AccessPermission.check.description
        var slugs: [ServiceSlug] = []
        for permission in checks.permissions where permission != AccessPermission.check.permission {
            let text = permission.description
            guard text.hasPrefix("\(every):"), let slug = ServiceSlug(String(text.dropFirst(every.count + 1))) else {
                return nil
            }
            slugs.append(slug)
        }
        guard !checks.isEmpty else { return nil }
        self.init(slugs, listsEvery: checks.permissions.contains(AccessPermission.check.permission))
    }
}
