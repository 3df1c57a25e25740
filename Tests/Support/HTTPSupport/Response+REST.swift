import HTTP
import JSON
import Testing

extension Response {
    package func json() throws -> JSONValue { try JSONValue(parsing: body) }

    /// The code of a problem document; nil if it is none.
    package var code: String? {
        guard self["Content-Type"] == "application/problem+json" else { return nil }
        return (try? json())?["code"]?.text
    }

    /// The code of a problem document with its status: `403 permission_denied`; nil if it is none.
    package var refusal: String? { code.map { "\(status) \($0)" } }

    /// The fields that are not valid, in order.
    package var badFields: [String] {
        guard code == "validation_failed", case .object(let errors)? = (try? json())?["errors"] else { return [] }
        return errors.keys
    }

    /// The elements of a list.
    package func data() throws -> [JSONValue] { try #require(try json()["data"]?.elements) }

    package var html: String { String(decoding: body, as: UTF8.self) }

    /// What it sets, as a browser sends it back.
    package var cookieHeader: String {
        cookies.compactMap { $0.split(separator: ";").first.map(String.init) }.joined(separator: "; ")
    }
    package var cookies: [String] { headers.filter { $0.name == "Set-Cookie" }.map(\.value) }
}
