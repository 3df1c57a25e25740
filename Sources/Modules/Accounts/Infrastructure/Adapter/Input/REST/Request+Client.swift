import AccountsContract
import Authorization
import HTTP
import Shared

extension Request {
    /// Of pages: the reader's, among those of the mails.
    var pageLanguage: String { language(among: Languages.supported) }

    var client: ClientInfo { client(knownDevice: nil) }

    func client(knownDevice: Identifier?) -> ClientInfo {
        ClientInfo(address: clientAddress, userAgent: headers["user-agent"], knownDevice: knownDevice)
    }
}

extension Principal {
    /// The person and the session, on a route that needs one.
    ///
    /// - Throws: a problem 403 for a key, which the gate lets in nowhere that this is asked.
    var caller: SessionCaller {
        get throws(Problem) {
            guard case .session(let session) = credential else { throw Problem(.permissionDenied) }
            return SessionCaller(userID: UserID(userID), sessionID: SessionID(session))
        }
    }
}
