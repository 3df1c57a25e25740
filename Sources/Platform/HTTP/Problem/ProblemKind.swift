/// A kind of refusal with a stable code that clients can rely on. Declared once, as a constant of the module that
/// refuses; routes list those that they answer, and the OpenAPI document tells them.
package struct ProblemKind: Sendable, Hashable {
    /// The HTTP status, 400 to 599.
    package let status: Int
    /// Stable, snake_case.
    package let code: String
    /// The same sentence for every occurrence (RFC 9457 § 3.1.3).
    package let title: String

    package init(_ status: Int, _ code: String, _ title: String) {
        self.status = status
        self.code = code
        self.title = title
    }
}

extension ProblemKind {
    package static let badRequest = ProblemKind(400, "bad_request", "The request is not well-formed")
    package static let badJSON = ProblemKind(400, "bad_json", "The body is not a JSON document")
    package static let badForm = ProblemKind(400, "bad_form", "The body is not a form")
    package static let unauthenticated = ProblemKind(401, "unauthenticated", "Sign in first")
    package static let originNotAllowed = ProblemKind(403, "origin_not_allowed", "This origin may not use the cookie")
    package static let notFound = ProblemKind(404, "not_found", "There is nothing here")
    package static let methodNotAllowed = ProblemKind(405, "method_not_allowed", "This address has other methods")
    package static let bodyTooLarge = ProblemKind(413, "body_too_large", "The body is too large")
    package static let unsupportedMediaType = ProblemKind(
        415, "unsupported_media_type", "The body has a content type that is not taken here")
    package static let validationFailed = ProblemKind(422, "validation_failed", "Some fields are not valid")
    package static let idempotencyKeyInvalid = ProblemKind(
        400, "idempotency_key_invalid", "The idempotency key is not well-formed")
    package static let idempotencyKeyInUse = ProblemKind(
        409, "idempotency_key_in_use", "A request with this idempotency key is still running")
    package static let idempotencyKeyReused = ProblemKind(
        422, "idempotency_key_reused", "The idempotency key belongs to another request")
    package static let internalError = ProblemKind(500, "internal_error", "Something went wrong on our side")
    package static let unavailable = ProblemKind(503, "unavailable", "Not available right now")
    package static let shuttingDown = ProblemKind(503, "shutting_down", "This server is shutting down")
}
