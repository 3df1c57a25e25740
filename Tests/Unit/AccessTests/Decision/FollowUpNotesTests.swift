import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import Shared
import TestSupport
import Testing

@Suite("What decisions note for later", .eachCacheLevel)
struct FollowUpNotesTests {
    private let scene = DecisionScene()

    @Test(
        "what may be an attack is noted, a limit or a missing credential is not",
        arguments: [
            (AccessQuestion.Credential.malformed, DenialReason.invalidCredential),
            (.accessToken("forged"), .invalidCredential), (.none, nil), (DecisionScene.token, nil),
        ] as [(AccessQuestion.Credential, DenialReason?)])
    func refusals(_ credential: AccessQuestion.Credential, _ noted: DenialReason?) async throws {
        let service = try scene.addService()
        scene.addUser()
        scene.meter.plan(scene.refused())
        _ = try await scene.decide(try DecisionScene.question(credential))
        let expected = noted.map { [FollowUpsDouble.Note.refusal($0, service.slug, DecisionScene.address)] }
        #expect(scene.followUps.notes == expected ?? [])
    }

    @Test("what a key let pass is noted once with its cost; a refusal, a repetition, a dry run and a person are not")
    func costs() async throws {
        try scene.addService()
        scene.addUser()
        let key = try scene.addKey(scopes: [])
        func decide(cost: Int? = nil, isDryRun: Bool = false, request: String? = nil) async throws {
            _ = try await scene.decide(
                try DecisionScene.question(DecisionScene.key, cost: cost, isDryRun: isDryRun, request: request))
        }
        try await decide(cost: 3)
        try await decide(request: "r-0123456789abcdef")
        try await decide(request: "r-0123456789abcdef")
        try await decide(isDryRun: true)
        scene.meter.plan(scene.refused())
        try await decide()
        _ = try await scene.decide(try DecisionScene.question())
        let costs = scene.followUps.notes.filter { if case .cost = $0 { true } else { false } }
        #expect(costs == [.cost(3, of: key.id), .cost(1, of: key.id)])
    }

    @Test("news of a quota have their holder, plan and service; a device its owner")
    func news() async throws {
        let service = try scene.addService()
        scene.addUser()
        let news = [DrawOutcome.News(kind: .exhausted, limit: scene.limit(50), isGlobal: true)]
        scene.meter.plan(DrawOutcome(isAllowed: true, binding: nil, news: news))
        _ = try await scene.decide(try DecisionScene.question(device: DecisionScene.device))
        #expect(
            scene.followUps.notes == [
                .news(news, .user(DecisionScene.ana), .free, service.slug),
                .device(DecisionScene.device, of: DecisionScene.ana),
            ])
    }
}
