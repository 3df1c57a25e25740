import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import ChangeFeeds
import SQL
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("Hearing of revocations")
struct RevocationFeedTests {
    private static let session = SessionID(SequentialIdentifiers.identifier(1))
    private static let other = SessionID(SequentialIdentifiers.identifier(2))

    private func revoke(_ session: SessionID, at moment: Timestamp, _ process: AccountsAdapters) async throws {
        try await process.work.write { try $0.revocations.add(Revocation(of: .session(session), at: moment)) }
    }

    @Test("the process that revokes knows it right after its commit; another one after its next read")
    func twoProcesses() async throws {
        try await withAccountsHouse { house in
            let (one, other) = (try await house.adapters(), try await house.adapters())
            for process in [one, other] { try await process.feed.read() }
            let now = house.clock.now
            try await revoke(Self.session, at: now, one)
            #expect(one.revocations.verdict(on: Self.session, at: now) == .revoked)
            #expect(other.revocations.verdict(on: Self.session, at: now) == .good)
            try await other.feed.read()
            #expect(other.revocations.verdict(on: Self.session, at: now) == .revoked)
            #expect(other.revocations.verdict(on: Self.other, at: now) == .good)
        }
    }

    @Test("a revocation that is rolled back is not heard of")
    func rolledBack() async throws {
        struct Stop: Error {}
        try await withAccountsHouse { house async throws in
            let process = try await house.adapters()
            try await process.feed.read()
            let now = house.clock.now
            await #expect(throws: Stop.self) {
                try await process.work.write { context in
                    try context.revocations.add(Revocation(of: .session(Self.session), at: now))
                    throw Stop()
                }
            }
            try await process.feed.read()
            #expect(process.revocations.verdict(on: Self.session, at: now) == .good)
        }
    }

    @Test("a process that starts reads everything that may still matter")
    func start() async throws {
        try await withAccountsHouse { house in
            try await revoke(Self.session, at: house.clock.now, try await house.adapters())
            house.clock.advance(by: Revocation.accessTokenLifetimeMax - .milliseconds(1))
            let late = try await house.adapters()
            try await late.feed.read()
            #expect(late.revocations.verdict(on: Self.session, at: house.clock.now) == .revoked)
            house.clock.advance(by: .milliseconds(1))
            try await late.feed.read()
            #expect(late.revocations.verdict(on: Self.session, at: house.clock.now) == .good)
        }
    }

    @Test("rows that become visible up to ten seconds late are found; each read looks that far back")
    func overlap() async throws {
        try await withAccountsHouse { house in
            let (one, other) = (try await house.adapters(), try await house.adapters())
            let before = house.clock.now
            house.clock.advance(by: .seconds(10))
            try await other.feed.read()
            try await revoke(Self.session, at: before, one)
            try await revoke(Self.other, at: before - .milliseconds(1), one)
            try await other.feed.read()
            #expect(other.revocations.verdict(on: Self.session, at: house.clock.now) == .revoked)
            // Older than that is read by new processes only, so that reads stay short.
            #expect(other.revocations.verdict(on: Self.other, at: house.clock.now) == .good)
        }
    }

    @Test("a process hears of its own change of a standing right after the commit, another one after its next read")
    func userChanges() async throws {
        try await withAccountsHouse { house in
            let ana = try await Person(house)
            let (one, other) = (ana.adapters, try await house.adapters())
            // What was before is nothing to a process that has just started.
            house.clock.advance(by: .seconds(11))
            for process in [one, other] { try await process.feed.read() }
            let (here, there) = (Recorder<UserID>(), Recorder<UserID>())
            ana.useCases.facade.onUserChanged { here.add($0) }
            other.revocations.onUserChanged { there.add($0) }
            let command = BlockUserCommand(id: ana.userID, reason: "spam", actor: ana.actor)
            _ = try await ana.useCases.manageUsers(RuleOfCoverDouble()).block(command)
            #expect(here.all == [ana.userID])
            #expect(there.all == [])
            for _ in 1...3 { try await other.feed.read() }
            #expect(there.all == [ana.userID])
            #expect(other.revocations.verdict(on: ana.signedIn.session.id, at: house.clock.now) == .revoked)
            // A second change of the same millisecond is one more.
            _ = try await ana.useCases.manageUsers(RuleOfCoverDouble()).unblock(ana.userID, by: ana.actor)
            for _ in 1...3 {
                try await other.feed.read()
                house.clock.advance(by: .seconds(6))
            }
            #expect(there.all == [ana.userID, ana.userID])
        }
    }

    @Test("a change of the last ten seconds is told once to a process that has just started")
    func userChangeAtStart() async throws {
        try await withAccountsHouse { house in
            let ana = try await Person(house)
            let other = try await house.adapters()
            let heard = Recorder<UserID>()
            try await other.feed.read()
            other.revocations.onUserChanged { heard.add($0) }
            for _ in 1...3 { try await other.feed.read() }
            #expect(heard.all == [ana.userID])
        }
    }

    @Test("a change that is rolled back is not told")
    func rolledBackChange() async throws {
        struct Stop: Error {}
        try await withAccountsHouse { house async throws in
            let (one, other) = (try await house.adapters(), try await house.adapters())
            for process in [one, other] { try await process.feed.read() }
            let heard = Recorder<UserID>()
            for process in [one, other] { process.revocations.onUserChanged { heard.add($0) } }
            let now = house.clock.now
            let id: UserID = house.identifiers.next()
            await #expect(throws: Stop.self) {
                try await one.work.write { context in
                    try context.revocations.add(Revocation(of: .user(id), at: now))
                    throw Stop()
                }
            }
            for process in [one, other] { try await process.feed.read() }
            #expect(heard.all == [])
        }
    }

    @Test("a changed standing alone refuses no token")
    func userChangeRefusesNoToken() async throws {
        try await withAccountsHouse { house in
            let ana = try await Person(house)
            let other = try await house.useCases()
            let (id, now) = (ana.userID, house.clock.now)
            try await ana.adapters.work.write { try $0.revocations.add(Revocation(of: .user(id), at: now)) }
            for process in [ana.adapters, try await house.adapters()] { try await process.feed.read() }
            let token = ana.signedIn.accessToken.text.reveal()
            #expect(try await ana.useCases.facade.caller(accessToken: token) == ana.caller)
            #expect(try await other.facade.caller(accessToken: token) == ana.caller)
        }
    }

    @Test("in every process a blocked person's tokens are refused after the next read, and a new one asks the store")
    func blocked() async throws {
        try await withAccountsHouse { house in
            let ana = try await Person(house)
            let token = ana.signedIn.accessToken.text.reveal()
            let warm = try await house.adapters()
            let warmUseCases = AccountsUseCases(warm.ports, try AccountsHouse.settings(), try house.dependencies())
            try await warm.feed.read()
            #expect(try await warmUseCases.facade.caller(accessToken: token) == ana.caller)
            _ = try await ana.useCases.manageUsers(RuleOfCoverDouble()).block(
                BlockUserCommand(id: ana.userID, reason: "spam", actor: ana.actor))
            #expect(try await ana.useCases.facade.caller(accessToken: token) == nil)
            try await warm.feed.read()
            #expect(try await warmUseCases.facade.caller(accessToken: token) == nil)
            #expect(try await house.useCases().facade.caller(accessToken: token) == nil)
            #expect(try await warmUseCases.facade.standing(of: ana.userID)?.isBlocked(at: house.clock.now) == true)
        }
    }

    @Test("without a read for two seconds nothing is known but what is revoked")
    func staleness() async throws {
        try await withAccountsHouse { house in
            let process = try await house.adapters()
            let (list, start) = (process.revocations, house.clock.now)
            #expect(list.verdict(on: Self.session, at: start) == .unknown)
            #expect(!process.feed.isCurrent(at: start))
            try await revoke(Self.other, at: start, try await house.adapters())
            try await process.feed.read()
            let verdicts = [0, 1_999, 2_000].map { list.verdict(on: Self.session, at: start + .milliseconds($0)) }
            #expect(verdicts == [.good, .good, .unknown])
            #expect(process.feed.isCurrent(at: start + .milliseconds(1_999)))
            #expect(!process.feed.isCurrent(at: start + .seconds(2)))
            // Behind a clock that was put back an old read would seem to be a new one.
            #expect(!process.feed.isCurrent(at: start - .seconds(3_600)))
            #expect(list.verdict(on: Self.other, at: start + .seconds(60)) == .revoked)
            house.clock.advance(by: .seconds(60))
            try await process.feed.read()
            #expect(list.verdict(on: Self.session, at: house.clock.now) == .good)
        }
    }

    @Test("a process that hears nothing asks the database; if that is gone too, the operator has chosen what counts")
    func cutOff() async throws {
        try await withAccountsHouse { house in
            let person = try await Person(house)
            let token = person.signedIn.accessToken.text.reveal()
            house.clock.advance(by: .seconds(60))
            for cutOff in ["refuse", "accept"] {
                let useCases = try await house.useCases(["REVOCATION_CUT_OFF": cutOff])
                #expect(try await useCases.authenticate(accessToken: token) == person.caller)
            }
            let (refusing, accepting) = (
                try await house.useCases(), try await house.useCases(["REVOCATION_CUT_OFF": "accept"])
            )
            try await person.signOut()
            #expect(try await refusing.authenticate(accessToken: token) == nil)
            await house.database.close()
            await #expect(throws: Unavailable.self) { try await refusing.authenticate(accessToken: token) }
            #expect(try await accepting.authenticate(accessToken: token) == person.caller)
        }
    }
}
