extension Migration {
    /// The migrations of a module from files such as `V0007_create_users.sql`, which serves every database, unless
    /// `V0007_create_users.sqlite.sql` or `.postgres.sql` replaces it for one.
    ///
    /// - Parameters:
    ///   - paths: of all files; others than migrations of this database are passed over.
    ///   - text: what a file holds; nil if it is not there.
    package static func list(
        of module: String, in paths: [String], for dialect: Dialect, text: (_ path: String) -> String?
    ) -> [Migration] {
        var chosen: [Int: Migration] = [:]
        for path in paths {
            guard let file = File(path), file.dialect == nil || file.dialect == dialect,
                file.dialect != nil || chosen[file.version] == nil, let sql = text(path)
            else { continue }
            chosen[file.version] = Migration(module: module, version: file.version, name: file.name, sql: sql)
        }
        return chosen.values.sorted { $0.version < $1.version }
    }

    /// `V0001_accounts.sqlite.sql`
    private struct File {
        let version: Int
        let name: String
        let dialect: Dialect?

        init?(_ path: String) {
            guard let file = path.split(separator: "/").last, file.hasPrefix("V"), file.hasSuffix(".sql"),
                let underscore = file.firstIndex(of: "_"), let version = Int(file[..<underscore].dropFirst())
            else { return nil }
            let parts = file[file.index(after: underscore)...].split(separator: ".")
            self.version = version
            name = String(parts[0])
            dialect = parts.count == 3 ? Dialect(rawValue: String(parts[1])) : nil
        }
    }
}
