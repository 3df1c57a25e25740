import AccessApplication
import AccessDomain
import AccountsContract
import ChangeFeeds
import Composition
import Crypto
import Shared
import Transactions

/// The output adapters of Access, wired.
struct AccessAdapters: Sendable {
    let work: any AccessWork
    let feed: ChangeFeed<AccessChange>
    let freshness: AccessFreshness
    let services: InMemoryServiceDirectory
    let standings: StandingCache
    let roleAssignments: InMemoryRoleAssignments
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
        let feed = Self.feed(dependencies)
        self.feed = feed
        freshness = AccessFreshness(feed)
        work = Self.work(dependencies, telling: feed)
        let isCurrent = { @Sendable [accountsAreCurrent = dependencies.accounts.isCurrent] (now: Timestamp) in
            feed.isCurrent(at: now) && accountsAreCurrent(now)
        }
        catalog = .standard
        digest = SHA256KeyDigest()
        followUps = FollowUpQueue(logger: logger)
        answered = InMemoryAnsweredRequests()
        decisions = InMemoryDecisionLog(clock: clock)
        services = InMemoryServiceDirectory()
        standings = StandingCache(
            reader: StandingReader(work: work, accounts: dependencies.accounts.facade, catalog: catalog),
            isCurrent: isCurrent)
        roleAssignments = InMemoryRoleAssignments { feed.isCurrent(at: $0) }
        credentials = CredentialCache(
            work: work, accounts: dependencies.accounts.facade, digest: digest, followUps: followUps,
            isCurrent: isCurrent)
        identities = JWTIdentityIssuer(signing: dependencies.accounts.signing, identifiers: dependencies.identifiers)
        seal = SealedDecision(masterKey: dependencies.masterKey)
        devices = DeviceSignature(secret: dependencies.masterKey.derive("access/device_cookie"))
        listen(dependencies)
    }

    static func feed(_ dependencies: AccessDependencies) -> ChangeFeed<AccessChange> {
        ChangeFeed(
            "access changes", database: dependencies.database, source: SQLAccessChanges(),
            interval: .milliseconds(250), clock: dependencies.clock, signals: dependencies.signals,
            logger: dependencies.logger)
    }

    /// - Parameter feed: hears of changes right after their commit.
    static func work(
        _ dependencies: AccessDependencies, telling feed: ChangeFeed<AccessChange>
    ) -> any AccessWork {
        dependencies.resources.unitOfWork(of: "access") { SQLAccessContext(sql: $0, feed: feed) }
    }

    private func listen(_ dependencies: AccessDependencies) {
        let (services, standings, credentials, work) = (services, standings, credentials, work)
        let roleAssignments = roleAssignments
        let (forgetUsage, rereadUsage) = (dependencies.metering.forget, dependencies.metering.reread)
        feed.onChange { changes in
            standings.apply(changes)
            credentials.apply(changes)
            try await credentials.learn(changes)
            if changes.contains(where: \.concernsRoles) { try await roleAssignments.reload(work) }
            if changes.contains(.services) { try await services.reload(work) }
            for case .usage(let subject) in changes { try await forgetUsage(subject) }
            for case .user(let id) in changes { await rereadUsage(id) }
        }
        dependencies.accounts.facade.onUserChanged { standings.apply([.user($0.value)]) }
    }

    /// Reads what is asked for at every request. Before that nothing is decided.
    func load() async throws {
        try await feed.read()
        try await services.reload(work)
        try await roleAssignments.reload(work)
        try await credentials.learnPrefixes()
    }
}

extension AccessChange {
    /// Whether somebody may have got or lost a role.
    fileprivate var concernsRoles: Bool {
        switch self {
        case .user, .roles: true
        case .services, .apiKey, .usage: false
        }
    }
}
