import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import ChangeFeeds
import Messaging
import SQL
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("The events that Access follows")
struct AccessSubscriptionsTests {
    private func envelope(_ type: String, _ data: String, _ house: AccessHouse) -> EventEnvelope {
        EventEnvelope(
            id: house.identifiers.next(), source: "/gapura/billing", type: type, subject: AccessHouse.ana.value,
            time: house.clock.now, traceparent: nil, data: data, reach: .public, number: 1)
    }

    @Test("a subscription counts at once; a repeated event changes nothing, and one that tells nothing fails")
    func subscription() async throws {
        try await withAccessHouse { house in
            try house.addUser()
            let process = try await house.process()
            let useCases = try house.useCases(process)
            let bus = InProcessEventBus(
                AccessSubscriptions(
                    followSubscription: useCases.followSubscription,
                    followUserDeletion: useCases.followUserDeletion
                ).all)
            #expect(try await house.standing(process)?.plan.plan == .free)
            let data = """
                {"subscription_id":"x","user_id":"\(AccessHouse.ana)","plan":"pro","since":"\(house.clock.now)",\
                "past_due":false,"version":1}
                """
            let activated = envelope("subscription.activated", data, house)
            for _ in 0..<2 { try await bus.deliver(activated) }
            #expect(try await house.standing(process)?.plan.plan == .pro)
            #expect(try await house.changes() == [.user(AccessHouse.ana.value)])
            try await bus.deliver(envelope("subscription.created", "{}", house))
            await #expect(throws: DecodingError.self) {
                try await bus.deliver(envelope("subscription.changed", "{}", house))
            }
        }
    }

    @Test("with an account its keys go, everywhere")
    func deletion() async throws {
        try await withAccessHouse { house in
            try house.addUser()
            let (process, other) = (try await house.process(), try await house.process())
            let useCases = try house.useCases(process)
            let bus = InProcessEventBus(
                AccessSubscriptions(
                    followSubscription: useCases.followSubscription,
                    followUserDeletion: useCases.followUserDeletion
                ).all)
            let (_, text) = try await house.addKey(["one:use"], process)
            #expect(try await other.credentials.apiKey(text, at: house.clock.now) != nil)
            try await bus.deliver(envelope("user.deleted", #"{"user_id":"\#(AccessHouse.ana)"}"#, house))
            #expect(try await process.credentials.apiKey(text, at: house.clock.now) == nil)
            try await other.feed.read()
            #expect(try await other.credentials.apiKey(text, at: house.clock.now) == nil)
            #expect(try await house.texts("SELECT type FROM outbox_events") == ["api_key.revoked"])
        }
    }
}
