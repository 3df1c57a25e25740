/// The session cookies of a request. A neighbouring domain can set one of the common name too, so there may be several;
/// only one under the name with the prefix is surely this host's.
package struct SessionCookieValues: Sendable, Equatable {
    /// Under the name that only this host can set.
    package let own: String?
    /// Under the common name, each once; beyond sixteen they are passed over.
    package let common: [String]

    private static let commonMax = 16

    package init(own: String?, common: [String]) {
        self.own = own
        self.common = common
    }

    init(_ headers: Headers) {
        own = headers.cookies(CredentialName.hostSessionCookie).first { !$0.isEmpty }
        var common: [String] = []
        for text in headers.cookies(CredentialName.sessionCookie)
        where !text.isEmpty && text != own && common.count < Self.commonMax && !common.contains(text) {
            common.append(text)
        }
        self.common = common
    }

    /// All of them, the host's own first.
    package var all: [String] { (own.map { [$0] } ?? []) + common }
    package var isEmpty: Bool { own == nil && common.isEmpty }
}

extension Headers {
    package var sessionCookies: SessionCookieValues { SessionCookieValues(self) }
}
