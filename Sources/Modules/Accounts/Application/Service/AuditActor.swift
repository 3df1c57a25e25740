import AccountsContract
import Shared

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

    init(_ principal: Principal) {
        self.init(text: principal.auditName, personal: principal.auditPersonal)
    }
}
