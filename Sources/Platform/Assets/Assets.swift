internal import CAssets

/// The files that are part of the program: templates, static files and the like, by their paths from the root of
/// the repository, such as `templates/pages/verify.html.mustache`.
package enum Assets {
    /// The content of a file; nil if there is none of this path.
    package static func bytes(_ path: String) -> [UInt8]? {
        indexes[path].map { Array(UnsafeBufferPointer(start: table[$0].bytes, count: table[$0].length)) }
    }

    /// The content of a file as text; nil if there is none of this path, or it is not UTF-8.
    package static func text(_ path: String) -> String? {
        bytes(path).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// The paths that start with a prefix, sorted by their bytes: migrations come in the order of their numbers.
    ///
    /// - Parameter prefix: such as `static/`; empty for all.
    package static func paths(under prefix: String) -> [String] {
        table.map { String(cString: $0.path) }.filter { $0.hasPrefix(prefix) }
    }

    /// Where each path is in the table, which the compiler made and nobody changes.
    private static let indexes: [String: Int] = {
        Dictionary(uniqueKeysWithValues: table.enumerated().map { (String(cString: $1.path), $0) })
    }()

    private static var table: UnsafeBufferPointer<cassets_entry> {
        var count = 0
        let start = cassets_table(&count)
        return UnsafeBufferPointer(start: start, count: count)
    }
}
