import AccountsApplication
import AccountsContract
import AccountsDomain
import Authorization
import HTTP
import Pages
import Shared
import Templates

/// Resets of somebody's second factors, for administrators, and the link by which the owner stops one.
struct FactorResetRoutes: Sendable {
    let reset: ResetFactorsService
    let follow: FollowFactorResetsService
    let gate: any Gate
    let limit: SignInLimit
    let frame: PageFrame
    let usedLinks: UsedLinks

    private static let tag = "Second factor"

    var routes: [Route] { [resetRoute, showRoute, stopRoute] }

    private var resetRoute: Route {
        Route(
            .post, "/users/{id}/mfa/reset",
            Operation(
                "resetSecondFactors",
                "Remove the second factors of a user who has lost them, after a delay in which the user can stop it",
                tag: Self.tag,
                answers: [
                    .json(202, FactorResetAnswer.self, "The user hears of it now and shortly before"),
                    .problem(.notFound), .problem(.mfaNotEnabled),
                ]),
            needs: .permission(AccountsPermission.usersWrite), stepUp: .fresh, gate: gate,
            reads: .body(FactorResetBody.self)
        ) { request, body, principal in
            let command = ResetFactorsCommand(id: try request.pathID(), reason: body.reason, actor: principal)
            switch try await reset(command) {
            case .waiting(let effectiveAt):
                return .json(FactorResetAnswer(effectiveAt: effectiveAt), status: 202)
            case .unknown: throw Problem(.notFound)
            case .permissionDenied:
                throw Problem(.permissionDenied, "This user has permissions that the caller does not have")
            case .ownAccount: throw Problem(.permissionDenied, "Another administrator must do this for you")
            case .noFactor: throw Problem(.mfaNotEnabled)
            case .stepUpNeeded(let demand):
                throw Problem.stepUp(needsSecondFactor: demand.needsSecondFactor, maxAge: demand.maxAge)
            }
        }
    }

    private var showRoute: Route {
        Route(
            .get, "/mfa-reset/stop",
            Operation(
                "showFactorReset", "The page behind the link that stops a reset", tag: Self.tag, isPage: true,
                answers: [
                    .media(200, "text/html", "A page whose button posts the token"), .problem(.invalidToken),
                    .problem(.tokenExpired),
                ]),
            query: LinkToken.self
        ) { request, query in
            switch try await follow.preview(query.token) {
            case .refused(let refusal): return try await usedLinks.answer(refusal, query.token, request)
            case .open(let address): return try page(address, query.token, .empty, request)
            }
        }
    }

    private func page(
        _ address: EmailAddress, _ token: String, _ form: PageForm, _ request: Request
    ) throws -> Response {
        try frame.show(
            .confirm("stop_mfa_reset", "/mfa-reset/stop", token: token, ["address": .text(address.text)], form: form),
            to: request)
    }

    private func showAgain(_ form: PageForm, _ request: Request) async throws -> Response {
        let token = form.texts["token"] ?? ""
        switch try await follow.preview(token) {
        case .refused(let refusal): throw refusal.problem
        case .open(let address): return try page(address, token, form, request)
        }
    }

    private var stopRoute: Route {
        Route(
            .post, "/mfa-reset/stop",
            Operation(
                "stopFactorReset", "Keep the second factors of an account, by the token that was mailed", tag: Self.tag,
                isPage: true,
                answers: [
                    .empty(303, "The same for forms: the next page says so"), .problem(.csrf),
                    .empty(204, "Nothing is removed"), .problem(.invalidToken), .problem(.tokenExpired),
                    .problem(.tooManyAttempts),
                ]
            ).withBody(LinkToken.self, formats: [.json, .form])
        ) { request in
            let body: LinkToken
            switch try frame.readAny(LinkToken.self, request) {
            case .success(let read): body = read
            case .failure(let form): return try await showAgain(form, request)
            }
            try await limit.check(request, route: "mfa_reset_stop", email: nil)
            switch try await follow.stop(body.token, client: request.client) {
            case .refused(let refusal): return try await usedLinks.answer(refusal, body.token, request)
            case .stopped:
                guard request.wantsPage else { return .noContent() }
                return try frame.finished("mfa_reset_stopped", [:])
            }
        }
    }
}

struct FactorResetBody: Input {
    let reason: String

    init(_ fields: inout Fields) {
        reason = fields.required("reason", .text(MFAReset.reasonLengths))
    }
}

struct FactorResetAnswer: Output {
    let effectiveAt: Timestamp

    static let shape = Shape<FactorResetAnswer>("FactorReset") { shape in
        shape.member("effective_at", .timestamp) { $0.effectiveAt }
    }
}
