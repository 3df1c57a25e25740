import AccountsDomain

/// Whom the sandbox plays.
enum SandboxShape: String, Sendable, CaseIterable {
    /// Any issuer of OpenID Connect.
    case openID = ""
    case google, github, sber

    /// - Parameter segment: of the path; nil for the issuer itself.
    init?(segment: String?) {
        guard let segment else {
            self = .openID
            return
        }
        guard !segment.isEmpty else { return nil }
        self.init(rawValue: segment)
    }

    /// Below `/dev/identity`.
    var path: String { rawValue.isEmpty ? "" : "/\(rawValue)" }

    /// GitHub knows OAuth 2 only.
    var hasIDToken: Bool { self != .github }

    /// What people know it by.
    var label: String {
        switch self {
        case .openID: "Sandbox"
        case .google: "Google"
        case .github: "GitHub"
        case .sber: "Sber ID"
        }
    }
}
