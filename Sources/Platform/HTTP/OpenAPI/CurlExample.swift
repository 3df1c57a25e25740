import JSON

/// A call of a route by curl, to be pasted into a POSIX shell. What only the caller has stands in capitals.
struct CurlExample {
    let route: Route
    /// Without a slash at the end.
    let server: String

    var text: String {
        let method = route.method == .get ? "" : " -X \(route.method.rawValue)"
        var words = ["curl\(method) \(quoted(address))"]
        switch route.operation.security {
        case .everyone: break
        case .signedIn, .signedInOrKey: words.append(#"-H "Authorization: Bearer $ACCESS_TOKEN""#)
        case .key: words.append(#"-H "Authorization: Bearer $API_KEY""#)
        }
        if let body = route.operation.body { words += arguments(for: body) }
        return words.joined(separator: " \\\n  ")
    }

    private var address: String {
        let path = route.path.segments.map { segment in
            switch segment {
            case .constant(let text): "/\(text)"
            case .placeholder(let name): "/\(name.uppercased())"
            }
        }
        let query = route.operation.query.filter(\.isRequired).map { field in
            "\(field.name)=\(PercentCoding.encode(plain(SchemaExample.value(field.schema, name: field.name))))"
        }
        return server + path.joined() + (query.isEmpty ? "" : "?\(query.joined(separator: "&"))")
    }

    private func arguments(for body: Operation.Body) -> [String] {
        if let textType = body.textType {
            return ["-H 'Content-Type: \(textType)'", "--data-binary @FILE"]
        }
        let example = SchemaExample.object(body.schema)
        guard body.formats.contains(.json) else {
            return example.members.map { "--data-urlencode \(quoted("\($0.key)=\(plain($0.value))"))" }
        }
        let members = example.members.map { member in
            "\(json(.string(member.key))): \(json(member.value))"
        }
        return [
            "-H 'Content-Type: \(BodyFormat.json.rawValue)'", "-d \(quoted("{\(members.joined(separator: ", "))}"))",
        ]
    }

    private func json(_ value: JSONValue) -> String { String(decoding: value.serialized, as: UTF8.self) }

    private func plain(_ value: JSONValue) -> String { value.text ?? json(value) }

    private func quoted(_ text: String) -> String {
        "'\(text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#))'"
    }
}
