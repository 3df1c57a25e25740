import AccountsContract
import AccountsDomain
import Shared

/// Tells the link of a button that was pressed twice from one that is not good: the first answer is lost on most people
/// who double-click, and the second must not say that nothing was done.
package struct RecentLinkUse: Sendable {
    /// How long after its use a link is one whose button was pressed again.
    package static let span: Duration = .seconds(60)

    private let work: any AccountsWork
    private let signer: any ValidationTokenSigner
    private let clock: any WallClock

    package init(work: any AccountsWork, signer: any ValidationTokenSigner, clock: any WallClock) {
        self.work = work
        self.signer = signer
        self.clock = clock
    }

    /// Whether the text is a genuine link that was used up a moment ago.
    package func callAsFunction(_ text: String) async throws -> Bool {
        let now = clock.now
        return try await work.read { context in
            guard let id = signer.id(in: text), let token = try context.validations.find(id),
                signer.isGenuine(text, for: token), let usedAt = token.usedAt
            else { return false }
            return usedAt <= now && now - usedAt < Self.span
        }
    }
}
