import AccountsContract
import AccountsDomain
import Shared
import TestSupport
import Testing

@Suite("What a refresh token leads to")
struct RefreshDecisionTests {
    private static let now = Timestamp(seconds: 1_790_000_000)
    private static let window: Duration = .seconds(30)

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let presented: RefreshTokenRecord?
        let current: RefreshTokenRecord
        let decision: RefreshDecision
    }

    /// - Parameters:
    ///   - jti: 1 for the first token of the session, 2 for its successor and so on.
    ///   - spent: how long ago; nil for one that is current.
    private static func token(
        _ jti: UInt64, generation: Int, spent: Duration? = nil, successor: UInt64? = nil,
        expiresIn: Duration = .seconds(86_400)
    ) -> RefreshTokenRecord {
        RefreshTokenRecord(
            sessionID: SessionID(SequentialIdentifiers.identifier(99)), jti: SequentialIdentifiers.identifier(jti),
            hash: [UInt8(jti)], generation: generation, createdAt: now - .seconds(3_600), expiresAt: now + expiresIn,
            spentAt: spent.map { now - $0 }, successor: successor.map(SequentialIdentifiers.identifier))
    }

    private static func parent(_ spent: Duration) -> RefreshTokenRecord {
        token(1, generation: 0, spent: spent, successor: 2)
    }

    private static let current = token(2, generation: 1)
    private static let justInside: Duration = .milliseconds(29_999)

    static let cases: [Case] = [
        Case(
            testDescription: "the current token is rotated", presented: current, current: current, decision: .rotate),
        Case(
            testDescription: "the current token is good until its last millisecond",
            presented: token(2, generation: 1, expiresIn: .milliseconds(1)),
            current: token(2, generation: 1, expiresIn: .milliseconds(1)), decision: .rotate),
        Case(
            testDescription: "the current token expires", presented: token(2, generation: 1, expiresIn: .zero),
            current: token(2, generation: 1, expiresIn: .zero), decision: .expired),
        Case(
            testDescription: "its parent at once: the same successor", presented: parent(.zero), current: current,
            decision: .repeatSuccessor),
        Case(
            testDescription: "its parent at the end of the window: the same successor", presented: parent(justInside),
            current: current, decision: .repeatSuccessor),
        Case(
            testDescription: "its parent, spent by a clock that was ahead: the same successor",
            presented: parent(.seconds(-5)), current: current, decision: .repeatSuccessor),
        Case(
            testDescription: "its parent after the window: a new branch", presented: parent(window), current: current,
            decision: .branch),
        Case(
            testDescription: "its parent after a month: a new branch", presented: parent(.seconds(29 * 86_400)),
            current: current, decision: .branch),
        Case(
            testDescription: "its parent after the window, when the successor has expired", presented: parent(window),
            current: token(2, generation: 1, expiresIn: .zero), decision: .expired),
        Case(
            testDescription: "a grandparent in the window: a late duplicate",
            presented: token(1, generation: 0, spent: justInside, successor: 2),
            current: token(3, generation: 2), decision: .superseded),
        Case(
            testDescription: "a grandparent after the window: reuse",
            presented: token(1, generation: 0, spent: window, successor: 2),
            current: token(3, generation: 2), decision: .reuse),
        Case(
            testDescription: "a successor that a branch replaced, in the window: a late duplicate",
            presented: token(2, generation: 1, spent: justInside, successor: 3),
            current: token(3, generation: 1), decision: .superseded),
        Case(
            testDescription: "a successor that a branch replaced, after the window: reuse",
            presented: token(2, generation: 1, spent: window, successor: 3),
            current: token(3, generation: 1), decision: .reuse),
        Case(
            testDescription: "a forgotten token with a genuine tag: reuse", presented: nil, current: current,
            decision: .reuse),
    ]

    @Test("depends on whether it is the current one, its parent or older, and on the window", arguments: cases)
    func decides(_ it: Case) {
        let decision = RefreshDecision(
            presented: it.presented, current: it.current, at: Self.now, window: Self.window)
        #expect(decision == it.decision)
    }

    @Test("without a window every token that is spent is the owner's lost answer or a thief's")
    func noWindow() {
        let decisions = [
            RefreshDecision(presented: Self.parent(.zero), current: Self.current, at: Self.now, window: .zero),
            RefreshDecision(
                presented: Self.token(1, generation: 0, spent: .zero, successor: 2),
                current: Self.token(3, generation: 2), at: Self.now, window: .zero),
        ]
        #expect(decisions == [.branch, .reuse])
    }
}
