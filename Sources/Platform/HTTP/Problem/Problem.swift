import JSON
import Shared

/// A refusal on its way to the caller, as a value or thrown: a problem document (RFC 9457).
package struct Problem: Error, Sendable {
    package let kind: ProblemKind
    /// What is wrong this time, fit for the caller.
    package let detail: String
    /// Every bad field with its message, in the order of the input.
    package var fieldErrors: [FieldError] = []
    /// What more the document says (RFC 9457 § 3.2).
    package var members = JSONObject()
    /// Fields of the answer, such as `Retry-After`.
    package var headers: [(String, String)] = []

    /// - Parameter detail: the kind's title if not given.
    package init(_ kind: ProblemKind, _ detail: String? = nil, headers: [(String, String)] = []) {
        self.kind = kind
        self.detail = detail ?? kind.title
        self.headers = headers
    }

    package static func validation(_ errors: [FieldError]) -> Problem {
        var problem = Problem(
            .validationFailed, errors.count == 1 ? "One field is not valid" : "\(errors.count) fields are not valid")
        var seen: Set<String> = []
        problem.fieldErrors = errors.filter { seen.insert($0.field).inserted }
        return problem
    }

    /// 503 with `Retry-After`.
    package static func unavailable(retryAfter: Duration) -> Problem {
        Problem(
            .unavailable, "Try again in a moment", headers: [("Retry-After", String(retryAfter.secondsRoundedUp))])
    }

    package func response(requestID: String) -> Response {
        Response(
            status: kind.status, headers: [("Content-Type", "application/problem+json")] + headers,
            body: document(requestID: requestID))
    }

    /// The problem document.
    package func document(requestID: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("type")
            writer.string("urn:gapura:problem:\(kind.code)")
            writer.key("title")
            writer.string(kind.title)
            writer.key("status")
            writer.integer(Int64(kind.status))
            writer.key("code")
            writer.string(kind.code)
            writer.key("detail")
            writer.string(detail)
            writer.key("request_id")
            writer.string(requestID)
            for member in members.members {
                writer.key(member.key)
                writer.value(member.value)
            }
            if !fieldErrors.isEmpty {
                writer.key("errors")
                writer.object { writer in
                    for error in fieldErrors {
                        writer.key(error.field)
                        writer.string(error.message)
                    }
                }
            }
        }
        return writer.bytes
    }
}

/// What is wrong with one field of an input.
package struct FieldError: Sendable, Equatable {
    package let field: String
    /// Fit for the caller; never repeats the value.
    package let message: String

    package init(_ field: String, _ message: String) {
        self.field = field
        self.message = message
    }
}
