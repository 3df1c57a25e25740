import JSON
import Shared

/// What a body may be.
package enum BodyFormat: String, Sendable {
    case json = "application/json"
    case form = "application/x-www-form-urlencoded"
}

extension Request {
    /// The body as an input.
    ///
    /// - Throws: a problem: 415 for another content type, 400 if it is not well-formed, 422 with every bad field.
    package func read<T: Input>(_ type: T.Type, formats: [BodyFormat] = [.json]) throws(Problem) -> T {
        switch try bodyFormat(among: formats) {
        case .json:
            return try Fields.read(type, from: try jsonObject())
        case .form:
            guard let text = String(utf8: body.span), let form = FormData(text) else {
                throw Problem(.badForm, "The body is not form data")
            }
            return try Fields.read(type, from: form)
        }
    }

    /// The same for a body that may be absent. The JSON text `null` says no more than nothing.
    package func readOptional<T: Input>(_ type: T.Type) throws(Problem) -> T? {
        if body.isEmpty { return nil }
        let isNull =
            body.count <= 64 && mediaType == BodyFormat.json.rawValue && (try? JSONValue(parsing: body)) == .null
        return isNull ? nil : try read(type)
    }

    /// The query as an input.
    package func readQuery<T: Input>(_ type: T.Type) throws(Problem) -> T {
        guard let form = FormData(query ?? "") else {
            throw Problem(.badRequest, "The query is not well-formed")
        }
        return try Fields.read(type, from: form)
    }

    /// For a route that takes no parameters.
    ///
    /// - Throws: a problem 422 that names those that are there, 400 if the query is not well-formed.
    package func refuseQuery() throws(Problem) {
        if query != nil { _ = try readQuery(NoFields.self) }
    }

    /// For a route that reads no body.
    ///
    /// - Throws: a problem 422 for a body with anything in it: its members by name.
    package func refuseBody() throws(Problem) {
        guard !body.isEmpty else { return }
        guard case .object(let object)? = try? JSONValue(parsing: body) else {
            throw .validation([FieldError("body", "is not read here; send none")])
        }
        _ = try Fields.read(NoFields.self, from: object)
    }

    /// Whether the answer shall be a page for people: unless the caller sends JSON or asks for it and not for HTML.
    /// `application/json` alone is JSON: those who look for previews of links ask for its relatives.
    package var wantsPage: Bool {
        if headers["content-type"]?.lowercased().hasPrefix(BodyFormat.json.rawValue) == true { return false }
        let accepted = headers.all("accept").joined(separator: ",").lowercased().split(separator: ",").map { range in
            String(range.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" })
        }
        return accepted.contains("text/html") || !accepted.contains(BodyFormat.json.rawValue)
    }

    /// Whether the body is that of a form.
    package var isForm: Bool { mediaType == BodyFormat.form.rawValue }

    /// Whether a browser asks ahead of its reader, who may never look (Fetch § 2.2.7): nothing may change by it.
    package var isPrefetch: Bool {
        let purpose = headers["sec-purpose"] ?? headers["purpose"] ?? headers["x-moz"] ?? ""
        return purpose.lowercased().contains("prefetch")
    }

    /// Of the body, without parameters.
    var mediaType: String? {
        headers["content-type"]?.split(separator: ";").first.map { trimmed($0).lowercased() }
    }

    /// Nobody has asked for bodies to be sent so.
    ///
    /// - Throws: a problem 415 that says how they are taken (RFC 9110 § 15.5.16).
    func refuseEncodedBody() throws(Problem) {
        guard let coding = headers["content-encoding"], !coding.isEmpty, coding.lowercased() != "identity" else {
            return
        }
        throw Problem(
            .unsupportedMediaType, "Send the body as it is, without Content-Encoding",
            headers: [("Accept-Encoding", "identity")])
    }

    private func bodyFormat(among formats: [BodyFormat]) throws(Problem) -> BodyFormat {
        let mediaType = mediaType
        guard let format = formats.first(where: { $0.rawValue == mediaType }) else {
            let names = formats.map(\.rawValue).joined(separator: " or ")
            throw Problem(.unsupportedMediaType, "Send the body as \(names)")
        }
        try refuseEncodedBody()
        return format
    }

    private func jsonObject() throws(Problem) -> JSONObject {
        guard !body.isEmpty else { throw Problem(.badJSON, "The body is empty") }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: body)
        } catch  where error.isBeyondRange {
            throw .validation([FieldError("body", "\(error.description) (byte \(error.offset))")])
        } catch {
            throw Problem(.badJSON, "The body is not a JSON document: \(error.description) (byte \(error.offset))")
        }
        guard case .object(let object) = value else {
            throw .validation([FieldError("body", "must be a JSON object")])
        }
        return object
    }

    private func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}

/// What has nothing to be read.
private struct NoFields: Input {
    init(_ fields: inout Fields) {}
}
