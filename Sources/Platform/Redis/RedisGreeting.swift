/// What a server says of itself when it is greeted (HELLO).
enum RedisGreeting: Equatable {
    case accepted
    /// Why it cannot be used; for the log.
    case refused(String)

    /// The oldest Redis that knows what is used here: EXAT, XAUTOCLAIM.
    static let versionMin = "6.2"

    init(_ value: RedisValue, mustBeMaster: Bool) {
        switch value {
        case .error(let reply): self = .refused(Self.reason(reply))
        case .array(let parts): self = Self.judge(Self.fields(parts), mustBeMaster: mustBeMaster)
        default: self = .refused("what the server sent is no greeting of Redis")
        }
    }

    /// The server's own text may quote the password.
    private static func reason(_ reply: RedisErrorReply) -> String {
        switch reply.code {
        case "WRONGPASS": return "the server does not take this user and password"
        case "NOAUTH": return "the server wants a password"
        case "LOADING": return "the server is still reading its data"
        case "ERR" where reply.message.contains("unknown command"):
            return "the server is older than Redis \(versionMin)"
        case "ERR" where reply.message.contains("max number of clients"):
            return "the server has as many clients as it takes"
        default: return "the server refuses the greeting (\(reply.code))"
        }
    }

    private static func fields(_ parts: [RedisValue]) -> [String: String] {
        var fields: [String: String] = [:]
        for index in stride(from: 0, to: parts.count - 1, by: 2) {
            if let name = parts[index].text, let value = parts[index + 1].text { fields[name] = value }
        }
        return fields
    }

    private static func judge(_ fields: [String: String], mustBeMaster: Bool) -> RedisGreeting {
        let version = fields["version"] ?? ""
        guard isRecent(version) else {
            return .refused("the server is version \(version), and \(versionMin) or newer is needed")
        }
        guard mustBeMaster else { return .accepted }
        if fields["mode"] == "cluster" { return .refused("the server is part of a cluster, which is not supported") }
        if fields["mode"] == "sentinel" { return .refused("the server is a Sentinel: use redis+sentinel://") }
        if let role = fields["role"], role != "master" { return .refused("the server is a replica") }
        return .accepted
    }

    private static func isRecent(_ version: String) -> Bool {
        let numbers = version.split(separator: ".").map { Int($0) ?? 0 }
        let wanted = versionMin.split(separator: ".").map { Int($0) ?? 0 }
        return !numbers.isEmpty && !numbers.lexicographicallyPrecedes(wanted)
    }
}
