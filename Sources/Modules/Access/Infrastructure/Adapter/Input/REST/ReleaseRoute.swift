import AccessApplication
import AccessContract
import AccessDomain
import HTTP

/// `POST /access/release`: a gateway or a service gives back what was counted for a request that was never served.
struct ReleaseRoute: Sendable {
    let release: ReleaseRequestService
    let asking: AskingService

    var route: Route {
        Route(
            .post, "/access/release",
            Operation(
                "releaseRequest", "Give back, once and within ten seconds, what was counted for a request",
                tag: CheckRoute.tag, security: .key,
                answers: [
                    .json(200, ReleaseAnswer.self, "What was given back: nothing if there was nothing"),
                    .problem(.untrustedGateway),
                ]
            ).withBody(ReleaseBody.self)
        ) { request in
            // Who asks comes before what is wrong with the question.
            _ = try await asking.key(of: request, for: nil)
            try request.refuseQuery()
            let body = try request.read(ReleaseBody.self)
            let key = try await asking.key(of: request, for: body.service)
            let amount = try await release(body.request, service: body.service, by: .key(key))
            return .json(ReleaseAnswer(amount: amount))
        }
    }
}

struct ReleaseBody: Input {
    let service: String
    let request: String

    init(_ fields: inout Fields) {
        service = fields.required("service", .text(ServiceSlug.lengths))
        request = fields.required("request", .requestID)
    }
}

struct ReleaseAnswer: Output {
    /// Nil if nothing was given back.
    let amount: Int?

    static let shape = Shape<ReleaseAnswer>("ReleasedRequest") { shape in
        shape.member("released", .bool) { $0.amount != nil }
        shape.member("amount", .integer) { Int64($0.amount ?? 0) }
    }
}
