/// How many jobs a process has of one queue, running and next: as many as it does in a quarter of a second, so that
/// short jobs share their commits and long ones are left to whoever has room.
struct ClaimSize: Sendable {
    private let least: Int
    private var since: Duration?
    private var endedCount = 0
    private(set) var current: Int

    static let most = 1_000
    private static let span: Duration = .milliseconds(250)
    /// A shorter look says nothing.
    private static let lookMin: Duration = .milliseconds(10)

    /// - Parameter queue: one whose processes have to agree takes no more than it can start.
    init(_ queue: JobQueue) {
        least = queue.concurrency
        current = least
        isFixed = queue.isShared
    }

    private let isFixed: Bool

    mutating func ended() { endedCount += 1 }

    /// - Parameter elapsed: of a clock that never goes back.
    mutating func look(at elapsed: Duration) {
        guard let since else {
            since = elapsed
            return
        }
        guard !isFixed, elapsed - since >= Self.lookMin else { return }
        let perSpan = Double(endedCount) * (Self.span / (elapsed - since))
        current = min(max(Int(perSpan), least), max(Self.most, least))
        self.since = elapsed
        endedCount = 0
    }
}
