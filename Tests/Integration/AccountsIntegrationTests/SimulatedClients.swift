import Shared
import TestSupport

/// Refreshes when its access token has expired and tries again until an answer arrives.
struct HonestClient {
    let session: SimulatedSession
    var random: SeededGenerator
    /// The token of the last answer that arrived.
    var token: Secret<String>
    /// A copy of a request that is still on its way. It comes within half a minute of the token's first use.
    var underway: (token: Secret<String>, until: Timestamp)?

    init(session: SimulatedSession, seed: UInt64) {
        self.session = session
        random = SeededGenerator(seed: seed)
        token = session.first
    }

    /// - Returns: false if the session is lost.
    mutating func refresh(times: Int) async throws -> Bool {
        for _ in 0..<times {
            pass(Int.random(in: 1...(chance(30) ? 10 : 1_800), using: &random))
            guard try await refreshOnce() else { return false }
            guard chance(50) else { continue }
            pass(Int.random(in: 0...20, using: &random))
            guard try await deliverDuplicate() else { return false }
        }
        return true
    }

    private mutating func refreshOnce() async throws -> Bool {
        let firstUse = session.clock.now
        while true {
            guard try await deliverDuplicate() else { return false }
            // One request in ten does not arrive at all.
            if !chance(10) {
                let presented = token
                let answer = try await session.present(presented)
                if answer == .ended { return false }
                // A slow copy, or a second tab.
                if chance(20) { underway = (presented, firstUse + .seconds(29)) }
                if let successor = answer.token, !chance(30) {
                    token = successor
                    return true
                }
            }
            pass([1, 5, 20, 29, 30, 31, 60, 600, 86_400].randomElement(using: &random) ?? 1)
        }
    }

    /// What a copy of an older request is answered goes to nobody, unless it ends the session.
    private mutating func deliverDuplicate() async throws -> Bool {
        guard let (copy, until) = underway else { return true }
        underway = nil
        guard session.clock.now < until else { return true }
        return try await session.present(copy) != .ended
    }

    private mutating func pass(_ seconds: Int) { session.clock.advance(by: .seconds(seconds)) }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
}

/// An owner who refreshes every 15 minutes, and a thief with a copy of the token who does so at an offset.
struct Pursuit {
    private static let period = 900
    private let session: SimulatedSession
    private let start: Timestamp

    init(_ session: SimulatedSession) {
        self.session = session
        start = session.clock.now
    }

    /// - Parameter offset: of the thief in each round, in seconds after the owner.
    /// - Returns: in which round the session ended, from 1; nil if it did not.
    func run(rounds: Int, offset: (_ round: Int) -> Int) async throws -> Int? {
        var owner = session.first
        var thief = session.first
        for round in 0..<rounds {
            let offset = offset(round)
            let time = (round + 1) * Self.period
            let turns = [(time, true), (time + offset, false)].sorted { $0.0 < $1.0 }
            for (moment, isOwner) in turns {
                session.clock.set(to: start + .seconds(moment))
                switch try await session.present(isOwner ? owner : thief) {
                case .ended: return round + 1
                case .superseded: break
                case .token(let text): if isOwner { owner = Secret(text) } else { thief = Secret(text) }
                }
            }
        }
        return nil
    }
}
