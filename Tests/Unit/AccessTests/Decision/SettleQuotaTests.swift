import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import Shared
import TestSupport
import Testing

@Suite("Reservations")
struct SettleQuotaTests {
    private let scene = DecisionScene()
    private let gateway = SequentialIdentifiers.identifier(500)

    init() throws {
        try scene.addService()
        scene.addUser()
    }

    private func reserve(_ question: AccessQuestion? = nil, amount: Int = 5_000_000) async throws -> ReserveAnswer {
        try await scene.settle.reserve(
            try question ?? DecisionScene.question(), amount: amount, key: "job-1", lifetime: .seconds(60),
            caller: gateway)
    }

    private var reservation: Reservation {
        Reservation(
            id: ReservationID(gateway), key: "job-1", caller: gateway, subject: .user(DecisionScene.ana),
            service: ServiceID(gateway), amount: 5, reservedAt: scene.clock.now,
            expiresAt: scene.clock.now + .seconds(60))
    }

    @Test("who may pass reserves the amount, beyond what one request may cost, in his own name")
    func reserved() async throws {
        scene.meter.plan(
            reserve: .reserved(reservation, DrawOutcome(isAllowed: true, binding: scene.limit(7))))
        guard case .reserved(let made, let answer) = try await reserve() else { throw Unexpected() }
        #expect(made == reservation && answer.decision.binding == scene.limit(7))
        guard case .reserve(let draw, let request)? = scene.meter.calls.last else { throw Unexpected() }
        #expect(draw.cost == 5_000_000 && request.key == "job-1" && request.caller == gateway)
        #expect(request.lifetime == .seconds(60))
        let record = try #require(scene.log(answer.decision.id))
        #expect(record.source == .reservation && record.cost == 5_000_000)
    }

    @Test("who may not pass reserves nothing")
    func denied() async throws {
        scene.addUser(isGood: false)
        guard case .denied(let answer) = try await reserve() else { throw Unexpected() }
        #expect(answer.decision.denial == .accountBlocked && scene.meter.calls.isEmpty)
        guard case .denied(let unknown) = try await reserve(DecisionScene.question(service: "two")) else {
            throw Unexpected()
        }
        #expect(unknown.decision.denial == .serviceUnknown)
    }

    @Test("where there is no room nothing is reserved")
    func noRoom() async throws {
        scene.meter.plan(reserve: .refused(scene.refused()))
        guard case .denied(let answer) = try await reserve() else { throw Unexpected() }
        #expect(answer.decision.denial == .quotaExhausted && answer.decision.binding == scene.limit(50))
    }

    @Test("a key that stands for something else is told")
    func keyReused() async throws {
        scene.meter.plan(reserve: .keyReused)
        guard case .keyReused = try await reserve() else { throw Unexpected() }
    }

    @Test("who asked commits and releases")
    func settles() async throws {
        scene.meter.plan(settle: .settled(reservation))
        scene.meter.plan(settle: .unknown)
        let committed = try await scene.settle.commit(reservation.id, used: 3, caller: gateway)
        #expect(committed == .settled(reservation))
        #expect(try await scene.settle.release(reservation.id, caller: DecisionScene.ana) == .unknown)
        guard case .settle(_, .commit(3), by: gateway)? = scene.meter.calls.first,
            case .settle(_, .release, by: DecisionScene.ana)? = scene.meter.calls.last
        else { throw Unexpected() }
    }
}

private struct Unexpected: Error {}
