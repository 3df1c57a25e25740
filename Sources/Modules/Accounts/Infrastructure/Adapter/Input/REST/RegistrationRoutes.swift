import AccountsApplication
import AccountsContract
import AccountsDomain
import HTTP
import Idempotency
import Shared

/// Making an account and proving its address.
struct RegistrationRoutes: Sendable {
    let register: RegisterUserService
    let requestVerification: RequestVerificationService
    let limit: SignInLimit
    let idempotency: IdempotencyKeys
    let cookies: RegistrationCookies
    /// `REGISTER_PRIVATE`
    let isPrivate: Bool
    /// `REGISTRATION`
    let isOpen: Bool

    private static let tag = "Registration"

    var routes: [Route] { [registerRoute, requestVerificationRoute] }

    private var registerRoute: Route {
        Route(
            .post, "/register",
            Operation(
                "registerUser", "Create an account; a mail to the address proves it", tag: Self.tag,
                answers: [
                    isPrivate
                        ? .empty(202, "A mail to the address says how to go on")
                        : .json(201, UserAnswer.self, "The account, not verified yet"),
                    .problem(.registrationClosed), .problem(.tooManyAttempts),
                ] + (isPrivate ? [] : [.problem(.emailTaken)])
            ).withBody(RegisterBody.self),
            once: idempotency,
            admit: { request in
                let body = try request.read(RegisterBody.self)
                try await limit.check(request, route: "register", email: body.email)
                // Whoever's address it is: the answer tells nothing about that.
                guard isOpen else { throw Problem(.registrationClosed) }
                return (.anonymous(request), body)
            }
        ) { request, body, id in
            let command = RegisterUserCommand(
                id: UserID(id), email: body.email, password: body.password, username: body.username,
                profile: Profile(firstName: body.firstName, lastName: body.lastName),
                locale: body.locale ?? request.pageLanguage, client: request.client)
            guard !isPrivate else {
                _ = try await EvenTiming.run { try await register(command) }
                // The same for an account that is there already: the cookie names the one that would have been made.
                var response = Response(status: 202)
                response.setCookie(cookies.cookie(remembering: command.id, of: request))
                return response
            }
            switch try await register(command) {
            case .registered(let account):
                var response = Response.json(UserAnswer(account: account), status: 201)
                response.setCookie(cookies.cookie(remembering: account.user.id, of: request))
                return response
            case .emailTaken: throw Problem(.emailTaken)
            }
        }
    }

    private var requestVerificationRoute: Route {
        Route(
            .post, "/request/verify",
            Operation(
                "requestVerification", "Send the verification mail again; the answer tells nothing", tag: Self.tag,
                answers: [
                    .empty(202, "If the address waits for its proof, a mail is on its way"), .problem(.tooManyAttempts),
                ]),
            body: EmailBody.self
        ) { request, body in
            try await limit.check(request, route: "request_verify", email: body.email)
            try await EvenTiming.run { try await requestVerification(email: body.email) }
            return Response(status: 202)
        }
    }
}
