import AccountsApplication
import Shared

/// What the log says of passkeys at the start.
struct PasskeyStart: Sendable {
    private let settings: PasskeySettings?
    private let work: any AccountsWork
    private let logger: Logger

    init(_ settings: PasskeySettings?, work: any AccountsWork, logger: Logger) {
        self.settings = settings
        self.work = work
        self.logger = logger
    }

    func check() async throws {
        if let obstacle = settings?.pagesObstacle {
            logger.warning("the pages at PAGES_URL cannot use passkeys: \(obstacle)")
        }
        // No domain is empty, so without one every passkey is of another.
        let id = settings?.relyingPartyID ?? ""
        let useless = try await work.read { try $0.passkeys.count(notOf: id) }
        guard useless > 0 else { return }
        logger.warning(
            "there are passkeys of another domain than PASSKEY_RP_ID, which sign in no more",
            ["passkeys": .integer(Int64(useless)), "rp_id": .text(id)])
    }
}
