import AccountsContract

/// Whose doing something is, as a line of the audit log has it.
struct AuditActor: Sendable {
    /// `user:<id>`, `api_key:<name>` or `system`.
    let text: String
    /// Only beside the name of a person: other lines are not found when somebody is to be forgotten.
    let personal: [String: String]

    static let system = AuditActor(text: "system", personal: [:])

    static func user(_ id: UserID, _ client: ClientInfo?) -> AuditActor {
        AuditActor(text: "user:\(id)", personal: client?.personal ?? [:])
    }

    private init(text: String, personal: [String: String]) {
        self.text = text
        self.personal = personal
    }

    init(_ actor: AdministrativeActor) {
        switch actor.identity {
        case .user(let id): self = .user(id, actor.client)
        case .apiKey(let name): self.init(text: "api_key:\(name)", personal: [:])
        }
    }
}
