import AccessApplication
import AccessDomain
import AccountsContract
import Composition
import Crypto
import Shared
import Transactions

/// The output adapters of Access, wired.
struct AccessAdapters: Sendable {
    let work: any AccessWork
    let changes: AccessChanges
    let feed: AccessChangeFeed
    let services: InMemoryServiceDirectory
    let standings: StandingCache
    let credentials: CredentialCache
    let digest: SHA256KeyDigest
    let identities: JWTIdentityIssuer
    let devices: DeviceSignature
    let seal: SealedDecision
    let followUps: FollowUpQueue
    let answered: InMemoryAnsweredRequests
    let decisions: InMemoryDecisionLog
    let catalog: PlanCatalog

    init(_ dependencies: AccessDependencies) {
        let (clock, logger) = (dependencies.clock, dependencies.logger)
        let changes = AccessChanges()
        self.changes = changes
        work = Self.work(dependencies, telling: changes)
        feed = AccessChangeFeed(database: dependencies.database, changes: changes, clock: clock, logger: logger)
        let isCurrent = { @Sendable [accountsAreCurrent = dependencies.accounts.isCurrent] (now: Timestamp) in
            changes.isCurrent(at: now) && accountsAreCurrent(now)
        }
        catalog = .standard
        digest = SHA256KeyDigest()
        followUps = FollowUpQueue(work: work, meter: dependencies.metering.meter, clock: clock, logger: logger)
        answered = InMemoryAnsweredRequests()
        decisions = InMemoryDecisionLog(clock: clock)
        services = InMemoryServiceDirectory()
        standings = StandingCache(
            work: work, accounts: dependencies.accounts.facade, catalog: catalog, isCurrent: isCurrent)
        credentials = CredentialCache(
            work: work, accounts: dependencies.accounts.facade, digest: digest, followUps: followUps,
            isCurrent: isCurrent)
        identities = JWTIdentityIssuer(signing: dependencies.accounts.signing, identifiers: dependencies.identifiers)
        seal = SealedDecision(masterKey: dependencies.masterKey)
        devices = DeviceSignature(secret: dependencies.masterKey.derive("access/device_cookie"))
        listen(dependencies)
    }

    /// - Parameter changes: hears of changes right after their commit.
    static func work(_ dependencies: AccessDependencies, telling changes: AccessChanges) -> any AccessWork {
        dependencies.resources.unitOfWork(of: "access") { SQLAccessContext(sql: $0, changes: changes) }
    }

    private func listen(_ dependencies: AccessDependencies) {
        let (services, standings, credentials, work) = (services, standings, credentials, work)
        let forgetUsage = dependencies.metering.forget
        changes.onChange { changes in
            standings.apply(changes)
            credentials.apply(changes)
            try await credentials.learn(changes)
            if changes.contains(.services) { try await services.reload(work) }
            for case .usage(let subject) in changes { try await forgetUsage(subject) }
        }
        dependencies.accounts.facade.onUserChanged { standings.apply([.user($0.value)]) }
    }

    /// Reads what is asked for at every request. Before that nothing is decided.
    func load() async throws {
        try await feed.read()
        try await services.reload(work)
        try await credentials.learnPrefixes()
    }
}
