import AccessApplication
import AccessDomain
import HTTP
import Shared

/// A decision as a gateway reads it: by status and headers.
enum ForwardAnswer {
    /// What some gateways take from the client where our header is absent or empty.
    static let none = "-"

    /// 200 with who calls. Every header has a value: some proxies pass the client's where ours is empty.
    ///
    /// - Parameter identity: `X-Gapura-Identity`.
    static func allowed(_ answer: AccessAnswer, _ caller: Caller, identity: String) -> Response {
        var response = Response(status: 200)
        response.add("Cache-Control", "no-store")
        response.add("X-User-Id", caller.userID?.description ?? none)
        response.add("X-Tenant-Id", caller.tenantID?.description ?? none)
        response.add("X-Roles", caller.roles.isEmpty ? none : caller.roles.joined(separator: ","))
        response.add("X-Plan", caller.plan.text)
        response.add("X-Caller-Kind", caller.kind.rawValue)
        response.add("X-User-Email", answer.email?.text ?? none)
        response.add("X-Gapura-Identity", identity)
        response.add(DecisionHeader.name, answer.reference)
        addLimit(of: answer.decision, to: &response)
        return response
    }

    /// The status of the reason with a problem document; for nginx 403, and what to make of it in headers.
    static func denied(_ answer: AccessAnswer, requestID: String, _ dialect: ForwardDialect?) -> Response {
        let decision = answer.decision
        let reason = decision.denial ?? .permissionDenied
        var response = refused(Problem(refusing: answer, because: reason), requestID: requestID, dialect)
        if let seconds = decision.retryAfter {
            response.add("Retry-After", String(seconds))
            if dialect?.tellsStatusInHeaders == true { response.add("X-Gapura-Retry-After", String(seconds)) }
        }
        if reason.status == 401 {
            response.add(
                "WWW-Authenticate",
                reason == .missingCredential
                    ? #"Bearer realm="gapura""# : #"Bearer realm="gapura", error="invalid_token""#)
        }
        addLimit(of: decision, to: &response)
        return response
    }

    static func refused(_ problem: Problem, requestID: String, _ dialect: ForwardDialect?) -> Response {
        var response = problem.response(requestID: requestID)
        response.add("Cache-Control", "no-store")
        if dialect?.tellsStatusInHeaders == true {
            response.status = 403
            response.add("X-Gapura-Status", String(problem.kind.status))
            response.add("X-Gapura-Code", problem.kind.code)
            response.add("X-Gapura-Title", problem.kind.title)
            response.add(
                "X-Gapura-Problem", String(decoding: problem.document(requestID: requestID), as: UTF8.self))
        }
        return response
    }

    /// A browser goes to be signed in: 303 with where; for nginx, which knows no other status, in headers.
    static func leading(to address: String, _ dialect: ForwardDialect?, _ reference: String? = nil) -> Response {
        let isInHeaders = dialect?.tellsStatusInHeaders == true
        var response = Response(status: isInHeaders ? 403 : 303)
        response.add("Cache-Control", "no-store")
        response.add(isInHeaders ? "X-Gapura-Location" : "Location", address)
        // By this a gateway knows the answer for Gapura's own.
        response.add("X-Gapura-Status", "303")
        if let reference { response.add(DecisionHeader.name, reference) }
        return response
    }

    private static func addLimit(of decision: Decision, to response: inout Response) {
        guard let binding = decision.binding else { return }
        let fields = RateLimitFields(binding, at: decision.decidedAt)
        response.add("RateLimit-Policy", fields.policy)
        response.add("RateLimit", fields.limit)
    }
}
