import HTTP
import JSON

/// What is kept of an answer: the status, a few fields, the body unless it is too large.
struct StoredAnswer: Sendable {
    let status: Int
    let fields: [(name: String, value: String)]
    let body: [UInt8]
    /// Whether the body could not be kept, so that it is missing here.
    private(set) var lostBody = false

    /// In bytes.
    static let bodySizeMax = 64 * 1_024

    /// What a client needs to find what was made. Cookies are secrets, and the others are made for each answer anew.
    private static let keptFields = ["Content-Type", "Location", "ETag", "Link"]

    /// - Parameter secrets: the names of members that are left out of the JSON body, however deep they are.
    init(_ response: Response, leavingOut secrets: Set<String>) {
        status = response.status
        var body: [UInt8]? = response.body.count <= Self.bodySizeMax ? response.body : nil
        if !secrets.isEmpty, !response.body.isEmpty {
            // A body that cannot be looked into may have the secret anywhere.
            body = body.flatMap { try? JSONValue(parsing: $0) }?.leavingOut(secrets).serialized
        }
        lostBody = body == nil
        self.body = body ?? []
        fields = Self.keptFields.compactMap { name in
            guard let value = response[name], body != nil || name != "Content-Type" else { return nil }
            return (name, value)
        }
    }

    var response: Response {
        var response = Response(status: status, headers: fields.map { ($0.name, $0.value) }, body: body)
        response.add(IdempotencyFields.replayed, "true")
        return response
    }

    /// As the answer of HTTP/1.1: lines of fields, an empty line, the body. No value has a line end in it.
    var encoded: [UInt8] {
        let head = fields.map { "\($0.name): \($0.value)\n" }.joined() + "\n"
        return Array(head.utf8) + body
    }

    /// Nil if it is not what `encoded` makes.
    init?(status: Int, encoded: [UInt8]) {
        self.status = status
        var fields: [(String, String)] = []
        var rest = encoded[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[(end + 1)...]
            if line.isEmpty {
                self.fields = fields
                body = Array(rest)
                return
            }
            guard let colon = line.firstRange(of: ": ") else { return nil }
            fields.append((String(line[..<colon.lowerBound]), String(line[colon.upperBound...])))
        }
        return nil
    }
}

extension JSONValue {
    fileprivate func leavingOut(_ names: Set<String>) -> JSONValue {
        switch self {
        case .object(let object):
            .object(
                JSONObject(
                    object.members.filter { !names.contains($0.key) }.map { ($0.key, $0.value.leavingOut(names)) }))
        case .array(let elements): .array(elements.map { $0.leavingOut(names) })
        default: self
        }
    }
}
