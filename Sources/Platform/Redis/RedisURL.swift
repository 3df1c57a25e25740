import EventLoop
import Shared

/// Where Redis is and how to get in. Prints without the passwords.
///
/// | form | |
/// |---|---|
/// | `redis://[USER:PASSWORD@]HOST[:6379][/DATABASE]` | |
/// | `rediss://...` | the same over TLS; `?ca=FILE` trusts the authorities in a PEM file instead of the system's |
/// | `redis+sentinel://[USER:PASSWORD@]HOST[:26379][,HOST...]/MASTER[/DATABASE]` | asks Sentinels for the master |
/// | `rediss+sentinel://...` | the same over TLS, the Sentinels too |
/// | `unix://[USER:PASSWORD@]/PATH[?db=DATABASE]` | a socket of this machine |
///
/// `?timeout=` is how many milliseconds a decision waits for an answer.
/// `?sentinel_user=` and `?sentinel_password=` are for the Sentinels themselves. `USER` may be empty. What is special in user, password or path is percent-encoded (RFC 3986 § 2.1).
package struct RedisURL: Sendable {
    package enum Place: Sendable, Equatable {
        case server(Endpoint)
        case sentinels([Endpoint], master: String)
    }

    struct Credentials: Sendable {
        let user: String?
        let password: Secret<String>
    }

    package let place: Place
    package let database: Int
    package let isEncrypted: Bool
    /// A PEM file with the authorities to trust; nil: the system's.
    package let authorityFile: String?
    package let user: String?
    /// How long a decision waits for an answer; nil: as whoever decides thinks right.
    package let timeout: Duration?
    let credentials: Credentials?
    let sentinelCredentials: Credentials?

    /// - Throws: `RedisURLFailure`, which never quotes the text.
    package init(_ text: String) throws(RedisURLFailure) {
        if text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
            throw RedisURLFailure("it holds a space or a control character")
        }
        guard let mark = text.firstRange(of: "://") else { throw RedisURLFailure(Self.forms) }
        let scheme = text[..<mark.lowerBound]
        guard ["redis", "rediss", "redis+sentinel", "rediss+sentinel", "unix"].contains(scheme) else {
            throw RedisURLFailure(Self.forms)
        }
        let (rest, query) = Self.cut(text[mark.upperBound...], at: "?")
        let options = try Self.options(query ?? "", scheme: scheme)
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count)
        guard !path.contains("@"), authority.count(where: { $0 == "@" }) <= 1 else {
            throw RedisURLFailure("a / or @ in user or password must be written %2F or %40")
        }
        let parts = authority.split(separator: "@", omittingEmptySubsequences: false)
        credentials = try parts.count == 2 ? Self.credentials(parts[0]) : nil
        user = credentials?.user
        isEncrypted = scheme.hasPrefix("rediss")
        authorityFile = options["ca"]
        timeout = try options["timeout"].map { text throws(RedisURLFailure) in try Self.milliseconds(text) }
        sentinelCredentials = options["sentinel_password"].map {
            Credentials(user: options["sentinel_user"], password: Secret($0))
        }
        let hosts = parts[parts.count - 1]
        if scheme == "unix" {
            guard hosts.isEmpty, path.count > 1 else { throw RedisURLFailure("the path of the socket is missing") }
            place = .server(.unix(path: try Self.decoded(path)))
            database = try Self.database(options["db"].map { $0[...] })
        } else if scheme.hasSuffix("+sentinel") {
            let names = path.dropFirst().split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let master = names.first, !master.isEmpty else {
                throw RedisURLFailure("the name of the master is missing after the Sentinels: /mymaster")
            }
            var endpoints: [Endpoint] = []
            for host in hosts.split(separator: ",", omittingEmptySubsequences: false) {
                endpoints.append(try Self.endpoint(host, port: 26_379))
            }
            place = .sentinels(endpoints, master: try Self.decoded(master))
            database = try Self.database(names.count == 2 ? names[1] : nil)
        } else {
            place = .server(try Self.endpoint(hosts, port: 6_379))
            database = try Self.database(path.isEmpty ? nil : path.dropFirst())
        }
    }

    private static let forms =
        "it must begin with redis://, rediss://, redis+sentinel://, rediss+sentinel:// or unix://"

    private static func cut(_ text: Substring, at mark: Character) -> (Substring, Substring?) {
        guard let index = text.firstIndex(of: mark) else { return (text, nil) }
        return (text[..<index], text[text.index(after: index)...])
    }

    private static func options(_ query: Substring, scheme: Substring) throws(RedisURLFailure) -> [String: String] {
        var known: Set<String> = ["timeout"]
        if scheme.hasPrefix("rediss") { known.insert("ca") }
        if scheme.hasSuffix("+sentinel") { known.formUnion(["sentinel_user", "sentinel_password"]) }
        if scheme == "unix" { known.insert("db") }
        var options: [String: String] = [:]
        for pair in query.split(separator: "&") {
            let (name, value) = cut(pair, at: "=")
            guard known.contains(String(name)), let value, !value.isEmpty else {
                let list = known.sorted().joined(separator: ", ")
                throw RedisURLFailure("it takes only these parameters, each with a value: \(list)")
            }
            options[String(name)] = try decoded(value)
        }
        return options
    }

    private static func milliseconds(_ text: String) throws(RedisURLFailure) -> Duration {
        guard let number = Int(text), 1...10_000 ~= number else {
            throw RedisURLFailure("timeout must be milliseconds from 1 to 10000")
        }
        return .milliseconds(number)
    }

    private static func credentials(_ text: Substring) throws(RedisURLFailure) -> Credentials? {
        if text.isEmpty { return nil }
        let (user, password) = cut(text, at: ":")
        guard let password, !password.isEmpty else {
            throw RedisURLFailure("the password is missing: :PASSWORD@ or USER:PASSWORD@")
        }
        return Credentials(user: user.isEmpty ? nil : try decoded(user), password: Secret(try decoded(password)))
    }

    private static func endpoint(_ text: Substring, port: Int) throws(RedisURLFailure) -> Endpoint {
        var host = text
        var portText: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw RedisURLFailure("the IPv6 address lacks its ]") }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":"), NetworkAddress(text: String(host)) != nil else {
                throw RedisURLFailure("the IPv6 address cannot be read")
            }
            portText = rest.isEmpty ? nil : rest.dropFirst()
        } else {
            (host, portText) = cut(text, at: ":")
        }
        guard !host.isEmpty else { throw RedisURLFailure("the host is missing") }
        guard let portText else { return .tcp(host: String(host), port: port) }
        guard portText.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(portText), 1...65_535 ~= number
        else {
            throw RedisURLFailure("the port must be a number from 1 to 65535")
        }
        return .tcp(host: String(host), port: number)
    }

    private static func database(_ text: Substring?) throws(RedisURLFailure) -> Int {
        guard let text, !text.isEmpty else { return 0 }
        guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(text), number <= 1_000_000 else {
            throw RedisURLFailure("the database must be a number: /0")
        }
        return number
    }

    private static func decoded(_ text: Substring) throws(RedisURLFailure) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Hex.value(of:)), let low = rest.popFirst().flatMap(Hex.value(of:))
            else { throw RedisURLFailure("a % must be followed by two hexadecimal digits; % itself is %25") }
            bytes.append(high << 4 | low)
        }
        guard let string = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw RedisURLFailure("it decodes to something that is no text")
        }
        return string
    }
}

extension RedisURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// For people and logs.
    package var description: String {
        let access = credentials.map { "\($0.user ?? ""):***@" } ?? ""
        let letter = isEncrypted ? "s" : ""
        switch place {
        case .server(.unix(let path)): return "unix://\(access)\(path)?db=\(database)"
        case .server(let endpoint): return "redis\(letter)://\(access)\(endpoint)/\(database)"
        case .sentinels(let endpoints, let master):
            let list = endpoints.map(\.description).joined(separator: ",")
            return "redis\(letter)+sentinel://\(access)\(list)/\(master)/\(database)"
        }
    }

    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The URL of Redis cannot be used. For the person who set it.
package struct RedisURLFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package let reason: String

    init(_ reason: String) {
        self.reason = reason
    }

    package var description: String { "not a URL of Redis: \(reason)" }
}
