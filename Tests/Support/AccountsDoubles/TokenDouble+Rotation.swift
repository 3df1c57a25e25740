import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared

extension TokenDouble {
    package func successor(of parent: Secret<String>, for session: Session, at now: Timestamp) -> RefreshToken {
        let text = "refresh-\(session.id)-\(parent.reveal().count)-\(session.generation).\(session.branch)"
        let record = RefreshTokenRecord(
            sessionID: session.id, jti: identifiers.next(), hash: Self.hash(of: text), generation: session.generation,
            createdAt: now, expiresAt: session.expiresAt)
        return RefreshToken(text: Secret(text), record: record)
    }

    package func read(refreshToken: Secret<String>) -> RefreshTokenReading? {
        let text = refreshToken.reveal()
        return SessionID(text: String(text.dropFirst("refresh-".count).prefix(36))).map {
            RefreshTokenReading(sessionID: $0, hash: Self.hash(of: text))
        }
    }

    private static func hash(of text: String) -> [UInt8] { Array(text.utf8.reversed().prefix(32)) }
}
