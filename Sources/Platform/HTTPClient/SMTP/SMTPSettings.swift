import Shared

/// How TLS comes about.
package enum SMTPSecurity: String, Sendable, CaseIterable {
    /// None; for a server on the same machine or in tests.
    case none
    /// `STARTTLS` (RFC 3207), required: without it nothing is sent.
    case starttls
    /// From the first byte (RFC 8314).
    case tls

    /// The port of submission: 587, 465, and 25 without TLS.
    package var defaultPort: Int {
        switch self {
        case .none: 25
        case .starttls: 587
        case .tls: 465
        }
    }
}

package struct SMTPCredentials: Sendable {
    package let user: String
    package let password: Secret<String>

    package init(user: String, password: Secret<String>) {
        self.user = user
        self.password = password
    }
}

/// Which server mails go to, and how long it may take.
package struct SMTPSettings: Sendable {
    /// A host name, or an IP address; an IPv6 address in brackets.
    package let host: String
    package let port: Int
    package let security: SMTPSecurity
    package var credentials: SMTPCredentials?
    /// Certificates in PEM that the server's must lead to, instead of the system's.
    package var certificateFile: String?
    /// Mails under way at once, each over a connection of its own. Providers commonly allow few.
    package var connectionsMax = 4
    /// Mails that may wait for a connection.
    package var waitingMax = 1_000
    package var connectTimeout: Duration = .seconds(10)
    /// For one answer of the server.
    package var replyTimeout: Duration = .seconds(30)
    /// For a mail in all, connecting included.
    package var timeout: Duration = .seconds(60)
    /// An idle connection is closed after so long, before the server does it.
    package var idleMax: Duration = .seconds(30)

    package init(host: String, port: Int, security: SMTPSecurity) {
        self.host = host
        self.port = port
        self.security = security
    }

    /// Whether a text is a host name or an IP address, as `host` takes it.
    package static func isHost(_ text: String) -> Bool {
        if text.hasPrefix("["), text.hasSuffix("]") {
            return text.contains(":") && NetworkAddress(text: String(text.dropFirst().dropLast())) != nil
        }
        let isName = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        return isName && !text.isEmpty && text.utf8.count <= 253 && text.first != "-" && text.first != "."
    }
}
