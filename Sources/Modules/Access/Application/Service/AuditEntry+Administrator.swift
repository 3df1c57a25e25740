import AccessContract
import AccessDomain
import AccountsContract
import Shared

extension AuditEntry {
    /// What an administrator did.
    static func done(_ action: String, on subject: String, by administrator: Administrator) -> AuditEntry {
        .done(action, by: administrator.auditName, on: subject, personal: administrator.auditPersonal)
    }

    /// What an administrator tried in vain.
    static func refused(
        _ action: String, because reason: String, on subject: String, by administrator: Administrator
    ) -> AuditEntry {
        .refused(
            action, because: reason, by: administrator.auditName, on: subject, personal: administrator.auditPersonal)
    }
}

extension Administrator {
    /// `user:<id>` or `api_key:<prefix>`.
    fileprivate var auditName: String {
        switch credential {
        case .session: "user:\(userID)"
        case .apiKey(_, let prefix): "api_key:\(prefix)"
        }
    }

    /// Only beside the name of a person: other lines are not found when somebody is to be forgotten.
    fileprivate var auditPersonal: [String: String] { isPerson ? client.personal : [:] }
}
