import AccessContract
import AccessDomain
import Shared

/// The gate: who is calling, may they, does the plan include it, is quota left; and counts it.
package protocol DecideAccess: Sendable {
    func callAsFunction(_ question: AccessQuestion) async throws -> AccessAnswer
    /// The same from memory alone, without waiting; nil, and nothing has been counted or noted, if something has to be
    /// read or written first, and for a dry run. For those who are known and whose limits are fast there is always an
    /// answer.
    func recall(_ question: AccessQuestion) -> AccessAnswer?
    /// False where counts are kept in the database: then `recall` allows nobody and need not be tried.
    var canRecall: Bool { get }
}

/// One request that wants to pass.
package struct AccessQuestion: Sendable {
    package enum Credential: Sendable {
        case none
        case accessToken(String)
        case apiKey(String)
        /// There is one, but it cannot be read.
        case malformed
    }

    /// What is asked for.
    package enum Demand: Sendable {
        case request(RequestMethod, RequestPath)
        /// The gateway does not say which path; only a service without routes accepts that.
        case unknownPath
        case permission(Permission)
    }

    package let credential: Credential
    /// The credential came in a cookie, which a browser sends along also when it does not count any more.
    package let isOfCookie: Bool
    /// Where the caller is, and on which device: for those without a credential, and for what a device used before
    /// its owner signed in.
    package let visitor: AnonymousCaller
    package let service: String
    package let demand: Demand
    /// Instead of the route's.
    package let cost: Int?
    /// Counts nothing.
    package let isDryRun: Bool
    /// The client request as the gateway names it, to count it once.
    package let gatewayRequest: GatewayName?

    package struct GatewayName: Sendable {
        package let gateway: GatewayRequest.Gateway
        /// Counts only if it is well-formed: see `GatewayRequest`.
        package let requestID: String

        package init(gateway: GatewayRequest.Gateway, requestID: String) {
            self.gateway = gateway
            self.requestID = requestID
        }
    }

    package init(
        credential: Credential, visitor: AnonymousCaller, service: String, demand: Demand, cost: Int? = nil,
        isDryRun: Bool = false, gatewayRequest: GatewayName? = nil, isOfCookie: Bool = false
    ) {
        self.credential = credential
        self.isOfCookie = isOfCookie
        self.visitor = visitor
        self.service = service
        self.demand = demand
        self.cost = cost
        self.isDryRun = isDryRun
        self.gatewayRequest = gatewayRequest
    }
}

/// The decision with what the doors tell beside it.
package struct AccessAnswer: Sendable {
    package let decision: Decision
    /// Nil if there is none of this name.
    package let service: RegisteredService?
    /// Only for services that ask for it.
    package let email: EmailAddress?
    /// Of a refusal.
    package let refusal: RefusalDetails?

    package init(
        decision: Decision, service: RegisteredService?, email: EmailAddress? = nil, refusal: RefusalDetails? = nil
    ) {
        self.decision = decision
        self.service = service
        self.email = email
        self.refusal = refusal
    }

    /// How the decision is named to everybody: by this it is explained.
    package var reference: String { refusal?.reference ?? decision.id.description }

    /// The service, if it was refused because the caller's key does not list it.
    package var serviceNotListed: ServiceSlug? {
        let isOfKey = decision.caller?.isProgram == true
        return isOfKey && decision.denial == .permissionDenied && refusal?.missing == nil ? service?.slug : nil
    }

    /// The plans that include the service, where the caller's does not.
    package var plansWanted: [PlanCode] { decision.denial == .notInPlan ? service?.rules.plans ?? [] : [] }
}

/// What is told of a refusal beside the decision.
package struct RefusalDetails: Sendable, Equatable {
    /// A sealed record of the refusal.
    package let reference: String
    /// The right that was missing.
    package let missing: Permission?

    package init(reference: String, missing: Permission?) {
        self.reference = reference
        self.missing = missing
    }
}
