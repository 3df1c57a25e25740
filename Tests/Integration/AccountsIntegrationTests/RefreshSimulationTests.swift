import Shared
import TestSupport
import Testing

/// The rule of refresh tokens, played through: honest clients that lose answers, and thieves in step with the owner.
@Suite("Refresh tokens, simulated")
struct RefreshSimulationTests {
    private static let seed: UInt64 = 20_261_121
    /// Clients that are busy at the same time: enough for the database to group commits, fewer than it lets wait.
    private static let atOnce = 200

    @Test("of 2,000 sessions whose clients lose 30 % of the answers, none is lost")
    func honestClientsStay() async throws {
        let lost = try await lostSessions(of: 2_000, refreshes: 8, window: SimulatedServer.window)
        #expect(lost.allSatisfy { $0 == 0 }, "seed \(Self.seed)")
    }

    @Test("without the window the same clients are logged out: the simulation would show it")
    func withoutWindowHonestClientsAreLost() async throws {
        let lost = try await lostSessions(of: 100, refreshes: 8, window: .zero)
        #expect(lost.allSatisfy { $0 > 10 }, "seed \(Self.seed)")
    }

    /// How many sessions their honest clients could not go on with, on each database.
    private func lostSessions(of count: Int, refreshes: Int, window: Duration) async throws -> [Int] {
        var lost: [Int] = []
        try await withAccountsHouse { house in
            let server = try await SimulatedServer(house: house, window: window)
            lost.append(try await lostSessions(of: count, refreshes: refreshes, on: server))
        }
        return lost
    }

    private func lostSessions(of count: Int, refreshes: Int, on server: SimulatedServer) async throws -> Int {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            var lost = 0
            for number in 0..<count {
                if number >= Self.atOnce, try await group.next() == false { lost += 1 }
                group.addTask {
                    var client = HonestClient(session: try await server.session(), seed: Self.seed &+ UInt64(number))
                    return try await client.refresh(times: refreshes)
                }
            }
            for try await stayed in group where !stayed { lost += 1 }
            return lost
        }
    }

    @Test("a thief in step with the owner is caught within two refreshes, unless inside the window")
    func thievesAreCaught() async throws {
        try await withAccountsHouse { house in
            let server = try await SimulatedServer(house: house, window: SimulatedServer.window)
            let results = try await withThrowingTaskGroup(of: (offset: Int, caughtAfter: Int?).self) { group in
                for offset in -449...449 {
                    group.addTask {
                        (offset, try await Pursuit(server.session()).run(rounds: 6) { _ in offset })
                    }
                }
                var results: [Int: Int?] = [:]
                for try await result in group { results[result.offset] = result.caughtAfter }
                return results
            }
            let window = Int(SimulatedServer.window.components.seconds)
            for (offset, caughtAfter) in results {
                if abs(offset) >= window {
                    #expect((caughtAfter ?? .max) <= 2, "a thief \(offset) s after the owner")
                } else {
                    #expect(caughtAfter == nil, "both always get the same successor \(offset) s apart")
                }
            }
        }
    }

    @Test("a thief who leaves the window once is caught within two refreshes")
    func leavingTheWindowIsSeen() async throws {
        try await withAccountsHouse { house in
            let server = try await SimulatedServer(house: house, window: SimulatedServer.window)
            var random = SeededGenerator(seed: Self.seed)
            for _ in 0..<200 {
                let inside = Int.random(in: 1...4, using: &random)
                let outside = Int.random(in: 30...449, using: &random) * (Bool.random(using: &random) ? 1 : -1)
                let offsets = (0..<8).map { $0 < inside ? Int.random(in: -29...29, using: &random) : outside }
                let caughtAfter = try await Pursuit(server.session()).run(rounds: 8) { offsets[$0] }
                #expect((caughtAfter ?? .max) <= inside + 2, "seed \(Self.seed): \(offsets)")
            }
        }
    }

    @Test("a thief with a token of any age but the last two ends the session at his first try")
    func oldTokensEndTheSession() async throws {
        try await withAccountsHouse { house in
            let server = try await SimulatedServer(house: house, window: SimulatedServer.window)
            for age in 2...6 {
                let session = try await server.session()
                var tokens = [session.first]
                for _ in 0..<6 {
                    session.clock.advance(by: .seconds(900))
                    tokens.append(try #require(try await session.present(tokens[tokens.count - 1]).token))
                }
                session.clock.advance(by: .seconds(900))
                #expect(try await session.present(tokens[6 - age]) == .ended)
                #expect(try await session.present(tokens[6]) == .ended)
            }
        }
    }
}
