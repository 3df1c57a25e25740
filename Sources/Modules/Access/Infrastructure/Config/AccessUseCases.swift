import AccessApplication
import Composition
import Shared

/// The use cases of Access, wired.
struct AccessUseCases: Sendable {
    let decide: DecideAccessService
    let settle: SettleQuotaService
    let recognizeGateway: RecognizeGatewayService
    let refuseAtDoor: RefuseAtDoorService
    let explain: ExplainDecisionService
    let recordFollowUps: RecordFollowUpsService
    let release: ReleaseRequestService
    let followSubscription: FollowSubscriptionService
    let followUserDeletion: FollowUserDeletionService
    let exportData: ExportAccessDataService

    init(_ adapters: AccessAdapters, _ settings: AccessSettings, _ dependencies: AccessDependencies) {
        let clock = dependencies.clock
        let journal = DecisionJournal(
            log: adapters.decisions, followUps: adapters.followUps, identifiers: dependencies.identifiers,
            seal: adapters.seal)
        decide = DecideAccessService(
            services: adapters.services, standings: adapters.standings, credentials: adapters.credentials,
            registry: dependencies.permissions, freshness: adapters.freshness, meter: dependencies.metering.meter,
            answered: adapters.answered,
            journal: journal,
            catalog: adapters.catalog, perPrefix: settings.anonymousPerPrefix, clock: clock)
        settle = SettleQuotaService(
            services: adapters.services, standings: adapters.standings, credentials: adapters.credentials,
            registry: dependencies.permissions, freshness: adapters.freshness, meter: dependencies.metering.meter,
            journal: journal,
            catalog: adapters.catalog,
            perPrefix: settings.anonymousPerPrefix, clock: clock)
        recognizeGateway = RecognizeGatewayService(
            services: adapters.services, credentials: adapters.credentials, freshness: adapters.freshness,
            clock: clock)
        refuseAtDoor = RefuseAtDoorService(services: adapters.services, journal: journal, clock: clock)
        explain = ExplainDecisionService(
            log: adapters.decisions, refusals: SQLRecordedRefusals(database: dependencies.database),
            seal: adapters.seal)
        release = ReleaseRequestService(
            services: adapters.services, counted: dependencies.metering.counted(adapters.answered))
        recordFollowUps = RecordFollowUpsService(
            pending: adapters.followUps, work: adapters.work, meter: dependencies.metering.meter, clock: clock)
        followSubscription = FollowSubscriptionService(
            work: adapters.work, clock: clock, identifiers: dependencies.identifiers)
        followUserDeletion = FollowUserDeletionService(
            work: adapters.work, meter: dependencies.metering.meter, clock: clock)
        exportData = ExportAccessDataService(
            work: adapters.work, usage: dependencies.metering.usage, clock: clock)
    }
}
