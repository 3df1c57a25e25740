import AccessContract
import AccessDomain
import Shared

extension DecisionRecord {
    /// - Parameter route: which of the service's.
    init(
        _ decision: Decision, of question: AccessQuestion, _ service: RegisteredService?, source: Source,
        route: Int? = nil, missing: Permission? = nil, cost: Int = 0, entitlementVersion: Int64 = 0
    ) {
        var method: RequestMethod?
        var path: String?
        if case .request(let asked, let target) = question.demand {
            method = asked
            path = Self.short(target.text)
        }
        self.init(
            decision: decision, service: service?.slug.text ?? Self.short(question.service[...]),
            credential: question.credential.kind, source: source, method: method, path: path,
            route: route.flatMap { service?.prefix(ofRoute: $0) }, missing: missing, cost: cost,
            entitlementVersion: entitlementVersion)
    }

    /// Of memory of its own: a part would keep the whole of a request.
    private static func short(_ text: Substring) -> String {
        text.utf8.count <= 256 ? String(text) : String(decoding: text.utf8.prefix(256), as: UTF8.self)
    }
}

extension AccessQuestion.Credential {
    var kind: DecisionRecord.CredentialKind {
        switch self {
        case .none: .none
        case .accessToken: .accessToken
        case .apiKey: .apiKey
        case .malformed: .malformed
        }
    }
}
