import AccountsApplication
import AccountsContract
import AccountsDomain
import Authorization
import HTTP
import Shared

/// The caller's own second factors.
struct FactorRoutes: Sendable {
    let factors: ManageFactorsService
    let gate: any Gate
    let limit: SignInLimit
    let registry: PermissionRegistry
    /// Whether whoever may write on the platform must have a factor.
    let isRequiredOfAdministrators: Bool

    private static let tag = "Second factor"

    var routes: [Route] { [readRoute, addRoute, confirmRoute, removeRoute, codesRoute] }

    private var readRoute: Route {
        Route(
            .get, "/me/mfa",
            Operation(
                "readSecondFactors", "The caller's second factors, and how many recovery codes are left", tag: Self.tag,
                answers: [.json(200, FactorOverviewAnswer.self, "The factors")]),
            needs: .session, stepUp: .fresh, gate: gate
        ) { _, principal in
            guard let overview = try await factors.overview(of: try principal.caller.userID) else {
                throw Problem.invalidCredential
            }
            return .json(FactorOverviewAnswer(overview: overview))
        }
    }

    private var addRoute: Route {
        Route(
            .post, "/me/mfa/totp",
            Operation(
                "addAuthenticatorApp",
                "Make the secret of an authenticator app, shown once; it counts after its first code", tag: Self.tag,
                answers: [
                    .json(200, NewFactorAnswer.self, "What the app needs"), .problem(.tooManyFactors),
                    .problem(.tooManyAttempts),
                ]),
            needs: .session, stepUp: .fresh, gate: gate, reads: .body(NewFactorBody.self)
        ) { request, body, principal in
            let caller = try principal.caller
            try await limit.check(request, route: "mfa_add", user: caller.userID)
            switch try await factors.add(name: body.name, caller) {
            case .waiting(let factor, let enrolment):
                return .json(NewFactorAnswer(factor: factor, enrolment: enrolment))
            case .tooMany: throw Problem(.tooManyFactors, "At most \(TOTPFactor.countMax) apps; remove one first")
            case .signedOut: throw Problem.invalidCredential
            }
        }
    }

    private var confirmRoute: Route {
        Route(
            .post, "/me/mfa/totp/{id}/confirm",
            Operation(
                "confirmAuthenticatorApp",
                "Turn an authenticator app on by its first code; ends the other sessions", tag: Self.tag,
                answers: [
                    .json(200, ConfirmedFactorAnswer.self, "The factor counts; with recovery codes if there were none"),
                    .problem(.invalidCode), .problem(.notFound), .problem(.tooManyAttempts),
                ]),
            needs: .session, stepUp: .fresh, gate: gate, reads: .body(FactorCodeBody.self)
        ) { request, body, principal in
            let caller = try principal.caller
            try await limit.check(request, route: "mfa_confirm", user: caller.userID)
            let command = ConfirmFactorCommand(
                id: try request.pathID(), proof: body.proof, caller: caller, client: request.client)
            switch try await factors.confirm(command) {
            case .confirmed(let factor, let codes):
                return .json(ConfirmedFactorAnswer(factor: factor, codes: codes))
            case .unknown: throw Problem(.notFound)
            case .wrong: throw Problem.unauthenticated(.invalidCode)
            case .tooManyAttempts(let delay): throw Problem.tooManyAttempts(retryAfter: delay)
            case .signedOut: throw Problem.invalidCredential
            }
        }
    }

    private var removeRoute: Route {
        Route(
            .delete, "/me/mfa/totp/{id}",
            Operation(
                "removeAuthenticatorApp", "Remove an authenticator app; with the last one recovery codes go, too",
                tag: Self.tag,
                answers: [
                    .empty(204, "The app counts no more"), .problem(.notFound), .problem(.mfaRequiredByPolicy),
                ]),
            needs: .person, stepUp: .fresh, gate: gate
        ) { request, principal in
            let isRequired = isRequiredOfAdministrators && registry.allowsWriting(principal.permissions)
            let id: FactorID = try request.pathID()
            switch try await factors.remove(
                id, try principal.caller, isRequired: isRequired, client: request.client)
            {
            case .removed: return .noContent()
            case .unknown: throw Problem(.notFound)
            case .requiredByPolicy: throw Problem(.mfaRequiredByPolicy)
            }
        }
    }

    private var codesRoute: Route {
        Route(
            .post, "/me/mfa/recovery-codes",
            Operation(
                "makeRecoveryCodes", "Make ten recovery codes, shown once, in the place of all that there are",
                tag: Self.tag,
                answers: [.json(200, RecoveryCodesAnswer.self, "The codes"), .problem(.mfaNotEnabled)]),
            needs: .session, stepUp: .fresh, gate: gate
        ) { request, principal in
            switch try await factors.makeRecoveryCodes(try principal.caller, client: request.client) {
            case .made(let codes): return .json(RecoveryCodesAnswer(codes: codes))
            case .noFactor: throw Problem(.mfaNotEnabled)
            }
        }
    }
}
