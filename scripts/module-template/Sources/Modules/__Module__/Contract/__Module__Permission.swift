import Shared

/// What __Module__ asks of those who use its routes.
package enum __Module__Permission {
    package static let write = DeclaredPermission("__table__", "write", reach: .platform)

    package static let all = [write]
}
