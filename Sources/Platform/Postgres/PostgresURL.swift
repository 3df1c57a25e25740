internal import CPQ
import Shared

/// Where a PostgreSQL database is and how to get in: `postgres://user:password@host:5432/name?sslmode=verify-full`.
///
/// All parameters of libpq are understood (libpq § 34.1.1 "Connection URIs"). Without `sslmode` a server on this
/// machine is asked for TLS (`prefer`) and any other must have it (`require`): a password and the users' data do not
/// cross a network in the clear unless somebody wrote `sslmode=disable`.
package struct PostgresURL: Sendable {
    /// libpq's names and values that are not empty, in libpq's order.
    let parameters: [(name: String, value: String)]
    private let password: Secret<String>?

    /// - Throws: `PostgresURLFailure`, which never quotes the text.
    package init(_ text: String) throws {
        guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") else {
            throw PostgresURLFailure("it must begin with postgres:// or postgresql://")
        }
        if text.utf8.contains(0) { throw PostgresURLFailure("it holds U+0000") }
        try Self.refuseUnescapedPassword(text)
        var parameters = try Self.parse(text)
        if let password = parameters.first(where: { $0.name == "password" }) {
            self.password = Secret(password.value)
        } else {
            password = nil
        }
        let value = { (name: String) in parameters.first { $0.name == name }?.value }
        if let encoding = value("client_encoding"), encoding.uppercased() != "UTF8", encoding.uppercased() != "UTF-8" {
            throw PostgresURLFailure("client_encoding must be UTF8")
        }
        let modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
        if let mode = value("sslmode"), !modes.contains(mode) {
            throw PostgresURLFailure("sslmode must be one of \(modes.joined(separator: ", "))")
        }
        for port in (value("port") ?? "").split(separator: ",") where !(1...65_535 ~= (Int(port) ?? 0)) {
            throw PostgresURLFailure("the port must be a number from 1 to 65535")
        }
        let places = Self.places(value("host"), value("hostaddr"))
        parameters.removeAll { $0.name == "client_encoding" }
        let own = [
            "client_encoding": "UTF8", "fallback_application_name": "gapura",
            "sslmode": places.allSatisfy(Self.isOnThisMachine) ? "prefer" : "require",
            "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3",
            // Milliseconds.
            "tcp_user_timeout": "10000",
        ]
        let given = Set(parameters.map(\.name))
        for (name, value) in own.sorted(by: { $0.key < $1.key }) where !given.contains(name) {
            parameters.append((name, value))
        }
        self.parameters = parameters
    }

    /// The parameter of libpq with this name, if it is in the URL or Gapura sets it; the password never.
    package subscript(name: String) -> String? {
        name == "password" || name == "sslpassword" ? nil : parameters.first { $0.name == name }?.value
    }

    /// This URL with another value for one of libpq's parameters.
    package func with(_ name: String, _ value: String) -> PostgresURL {
        var parameters = parameters.filter { $0.name != name }
        parameters.append((name, value))
        return PostgresURL(parameters: parameters, password: name == "password" ? Secret(value) : password)
    }

    private init(parameters: [(name: String, value: String)], password: Secret<String>?) {
        self.parameters = parameters
        self.password = password
    }

    /// libpq would take the rest of such a password for the name of a host or a database, which are printed.
    private static func refuseUnescapedPassword(_ text: String) throws {
        let rest = text.drop { $0 != "/" }.dropFirst(2)
        let beforeQuery = rest.prefix { $0 != "?" }
        let beforePath = rest.prefix { $0 != "/" }
        if rest.count(where: { $0 == "@" }) > 1 || beforeQuery.contains("@") && !beforePath.contains("@") {
            throw PostgresURLFailure("a / or @ in user or password must be written %2F or %40")
        }
    }

    private static func parse(_ text: String) throws -> [(name: String, value: String)] {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(text, &message) else {
            let reason = message.map { String(cString: $0) } ?? "out of memory"
            PQfreemem(message)
            throw PostgresURLFailure(withoutQuotes(reason))
        }
        defer { PQconninfoFree(options) }
        var parameters: [(name: String, value: String)] = []
        var option = options
        while let name = option.pointee.keyword {
            if let value = option.pointee.val, value.pointee != 0 {
                parameters.append((String(cString: name), String(cString: value)))
            }
            option += 1
        }
        return parameters
    }

    /// libpq quotes parts of the URL, which may be parts of the password.
    private static func withoutQuotes(_ message: String) -> String {
        let parts = message.split(separator: "\"", omittingEmptySubsequences: false)
        let outside = parts.enumerated().filter { $0.offset % 2 == 0 }.map { String($0.element) }
        let text = outside.joined(separator: "…").split(separator: "\n").joined(separator: " ")
        return text.hasSuffix(": …") ? String(text.dropLast(3)) : text
    }

    private static func places(_ hosts: String?, _ addresses: String?) -> [Substring] {
        (addresses ?? hosts ?? "").split(separator: ",", omittingEmptySubsequences: false)
    }

    private static func isOnThisMachine(_ host: Substring) -> Bool {
        host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") || host == "localhost" || host == "::1"
            || host.hasPrefix("127.")
    }
}

extension PostgresURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// For people and logs: user, hosts, ports and database.
    package var description: String {
        let hosts = (self["host"] ?? self["hostaddr"] ?? "").split(separator: ",", omittingEmptySubsequences: false)
        let ports = (self["port"] ?? "").split(separator: ",", omittingEmptySubsequences: false)
        let places = hosts.enumerated().map { index, host in
            let port = ports.count == 1 ? ports[0] : (ports.indices.contains(index) ? ports[index] : "")
            let name = host.contains(":") ? "[\(host)]" : String(host)
            return port.isEmpty ? name : "\(name):\(port)"
        }
        let user = self["user"].map { password == nil ? "\($0)@" : "\($0):***@" } ?? ""
        return "postgres://\(user)\(places.joined(separator: ","))/\(self["dbname"] ?? "")"
    }

    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The URL of a database cannot be used. For the person who set it.
package struct PostgresURLFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package let reason: String

    init(_ reason: String) {
        self.reason = reason
    }

    package var description: String { "not a URL of a PostgreSQL database: \(reason)" }
}
