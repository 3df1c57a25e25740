import AccessDomain
import HTTP
import JSON
import Shared

extension FieldType where Value == String {
    /// A text whose rules are the domain's, which tells what is wrong; here only its length is checked.
    ///
    /// - Parameters:
    ///   - pattern: what the rules come to, for the schema.
    ///   - max: in Unicode scalars.
    static func ruled(_ pattern: String, max: Int, example: String) -> FieldType {
        let schema: @Sendable () -> JSONObject = {
            [
                "type": "string", "maxLength": .integer(Int64(max)), "pattern": .string(pattern),
                "examples": [.string(example)],
            ]
        }
        return FieldType(schema: schema(), placeholder: example) { value in
            guard case .string(let text) = value else { return .failure("must be text") }
            guard text.unicodeScalars.count <= max else { return .failure("must have at most \(max) characters") }
            return .success(text)
        }
    }

    static var permission: FieldType {
        let part = "[a-z0-9][a-z0-9_.-]{0,62}"
        return .ruled(#"^(\*|\#(part)):(\*|\#(part))(:\#(part))?$"#, max: 191, example: "documents:read")
    }

    static var roleName: FieldType { .ruled("^[a-z][a-z0-9_-]{0,62}$", max: 63, example: "editor") }

    static var slug: FieldType { .ruled("^[a-z0-9][a-z0-9_-]{0,62}$", max: 63, example: "cvmaker") }

    static var planCode: FieldType { .ruled("^[a-z0-9_-]{1,63}$", max: 63, example: "pro") }

    /// A name for people.
    static var displayName: FieldType {
        .ruled(NameCharacters.pattern, max: ServiceDraft.nameLengths.upperBound, example: "CV maker")
    }

    static var audience: FieldType { .ruled(#"^[!#-\[\]-~]{1,255}$"#, max: 255, example: "cvmaker") }

    static var upstream: FieldType {
        let label = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
        let host = #"(\#(label)(\.\#(label))*|\[[0-9A-Fa-f:.]+\])"#
        // 1 to 65535, with zeros before it or not.
        let short = "0{0,4}[1-9]|0{0,3}[1-9][0-9]|0{0,2}[1-9][0-9]{2}|0?[1-9][0-9]{3}"
        let long = "[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
        return .ruled(
            #"^https?://\#(host)(:(\#(short)|\#(long)))?(/[A-Za-z0-9._~/-]*)?$"#, max: UpstreamAddress.bytesMax,
            example: "http://127.0.0.1:9000")
    }

    /// A gateway's or a service's name of a request.
    static var requestID: FieldType {
        let lengths = GatewayRequest.idLengths
        let schema: @Sendable () -> JSONObject = {
            [
                "type": "string", "minLength": .integer(Int64(lengths.lowerBound)),
                "maxLength": .integer(Int64(lengths.upperBound)), "pattern": "^[A-Za-z0-9._-]+$",
                "examples": ["7d0a9c1e4f2b"],
            ]
        }
        return FieldType(schema: schema(), placeholder: "7d0a9c1e4f2b") { value in
            guard let text = value.text, GatewayRequest.isID(text) else {
                let length = "\(lengths.lowerBound) to \(lengths.upperBound)"
                return .failure("must be \(length) letters, digits, dots, underscores or hyphens")
            }
            return .success(text)
        }
    }

    /// The pattern has what no path may have; which escapes and which dots are refused stands in the documents.
    static var routePath: FieldType {
        .ruled(
            #"^/([^\u0000-\u0020\u007f#*:;?\\{}]|\{[A-Za-z0-9_-]{1,32}\})*$"#, max: 1_024,
            example: "/v1/documents/{id}")
    }
}
