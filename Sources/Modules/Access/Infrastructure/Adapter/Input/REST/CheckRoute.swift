import AccessApplication
import AccessDomain
import HTTP
import Shared

/// `POST /access/check`: a service asks about a request that came to it.
struct CheckRoute: Sendable {
    let decide: any DecideAccess
    let refuse: RefuseAtDoorService
    let asking: AskingService
    let devices: DeviceSignature

    var route: Route {
        Route(
            .post, "/access/check",
            Operation(
                "checkAccess", "Decide about a request, and count it", tag: Self.tag, security: .key,
                answers: [
                    .json(200, DecisionAnswer.self, "The decision, whatever it is"), .problem(.untrustedGateway),
                ]
            ).withBody(CheckBody.self),
            attempt: attempt
        ) { request in
            let body: CheckBody
            if request.query == nil, let scanned = Self.scan(request) {
                body = scanned
            } else {
                // Who asks comes before what is wrong with the question.
                _ = try await asking.key(of: request, for: nil)
                try request.refuseQuery()
                body = try request.read(CheckBody.self)
            }
            let key = try await asking.key(of: request, for: body.question.service)
            let reading = try body.question.question(
                devices: devices, asker: request.clientAddress, cost: body.cost, isDryRun: body.isDryRun,
                name: body.name(by: key))
            switch reading {
            case .question(let question): return Self.response(try await decide(question))
            case .ambiguous:
                return Self.response(
                    refuse(
                        .ambiguousRequest, service: body.question.service,
                        address: body.question.anonymous?.address ?? request.clientAddress))
            }
        }
    }

    /// What services ask all day: a plain question about somebody who is known.
    private func attempt(_ request: Request) -> Response? {
        guard decide.canRecall, request.query == nil, let body = Self.scan(request),
            let key = asking.recallKey(of: request, for: body.question.service),
            case .question(let question)? = try? body.question.question(
                devices: devices, asker: request.clientAddress, cost: body.cost, isDryRun: body.isDryRun,
                name: body.name(by: key))
        else { return nil }
        return decide.recall(question).map(Self.response)
    }

    static let tag = "Access"

    private static func scan(_ request: Request) -> CheckBody? {
        request.headers["content-type"] == "application/json" ? CheckScanner.scan(request.body) : nil
    }

    private static let fields = [
        Response.Field("Content-Type", "application/json"), Response.Field("Cache-Control", "no-store"),
    ]

    static func response(_ answer: AccessAnswer) -> Response {
        var response = Response(status: 200, body: DecisionWriter.write(answer))
        response.add(fields)
        response.add(DecisionHeader.name, answer.reference)
        return response
    }
}
