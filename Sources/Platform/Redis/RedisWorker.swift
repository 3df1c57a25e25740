import EventLoop
import Shared

/// The client's part on the loop: keeps one connection to the master, gives it the commands that wait, and connects
/// again when it is lost.
final class RedisWorker: WakeHandler {
    private enum Stage {
        /// Sentinels are asked where the master is.
        case searching(SentinelSearch)
        case connecting(RedisLink)
        case connected(RedisLink)
        case pausing
        case ended
    }

    /// So long commands are gathered at most, however long the server takes for those before them.
    private static let gathering: Duration = .milliseconds(1)

    private let loop: EventLoop
    private let mailbox: Mailbox<RedisRequest>
    private let url: RedisURL
    private let tls: TLSContext?
    private let settings: RedisSettings
    private let board: RedisBoard
    private var stage = Stage.pausing
    /// Given before the first connection was made.
    private var early: [RedisRequest] = []
    private var batch: [RedisRequest] = []
    private var backoff: Backoff
    private var timer: LoopTimer?
    private var gatheringTimer: LoopTimer?
    private var sentinels: [Endpoint]
    private let subscriptions: RedisSubscriptions?

    init(
        _ loop: EventLoop, _ mailbox: Mailbox<RedisRequest>, _ url: RedisURL, _ tls: TLSContext?,
        _ settings: RedisSettings, _ board: RedisBoard, _ handlers: [RedisClient.Subscription]
    ) {
        self.loop = loop
        self.mailbox = mailbox
        self.url = url
        self.tls = tls
        self.settings = settings
        self.board = board
        backoff = Backoff(settings)
        if case .sentinels(let endpoints, _) = url.place { sentinels = endpoints } else { sentinels = [] }
        subscriptions = handlers.isEmpty ? nil : RedisSubscriptions(loop, handlers, settings)
        timer = LoopTimer(loop) { [weak self] in self?.connect() }
        gatheringTimer = LoopTimer(loop) { [weak self] in self?.takeCommands() }
        loop.addWakeHandler(self)
        connect()
    }

    // MARK: Connecting

    private func connect() {
        guard case .pausing = stage else { return }
        switch url.place {
        case .server(let endpoint): connect(to: endpoint)
        case .sentinels(_, let name):
            let search = SentinelSearch(
                loop, sentinels, master: name, tls: tls, url.sentinelCredentials, settings
            ) { [weak self] result in self?.searchEnded(result) }
            stage = .searching(search)
            search.start()
        }
    }

    private func searchEnded(_ result: Result<SentinelSearch.Found, RedisFailure>) {
        guard case .searching = stage else { return }
        switch result {
        case .success(let found):
            // The one that knew is asked first the next time.
            sentinels.removeAll { $0 == found.sentinel }
            sentinels.insert(found.sentinel, at: 0)
            connect(to: found.master)
        case .failure(let failure): pause(failure)
        }
    }

    private func connect(to endpoint: Endpoint) {
        stage = .connecting(RedisLink(loop, access(to: endpoint), settings, owner: self))
    }

    private func access(to endpoint: Endpoint) -> RedisLink.Access {
        RedisLink.Access(
            endpoint: endpoint, tls: tls, credentials: url.credentials, database: url.database, mustBeMaster: true)
    }

    private func pause(_ failure: RedisFailure) {
        stage = .pausing
        board.becameUnreachable(failure.reason)
        refuseEarly(failure.reason)
        timer?.schedule(after: backoff.pause())
        takeCommands()
    }

    private func refuseEarly(_ reason: String) {
        let requests = early
        early = []
        for request in requests { request.completion(.failure(RedisFailure(.unavailable, reason))) }
    }

    // MARK: Commands

    func woken() {
        if case .connected(let link) = stage, link.isBusy {
            gather()
        } else {
            takeCommands()
        }
    }

    /// What comes from now on waits until the link is free, and wakes nobody.
    private func gather() {
        mailbox.setQuiet(true)
        if gatheringTimer?.isScheduled == false { gatheringTimer?.schedule(after: Self.gathering) }
    }

    private func takeCommands() {
        gatheringTimer?.cancel()
        mailbox.setQuiet(false)
        mailbox.take(into: &batch)
        guard !batch.isEmpty else { return }
        switch stage {
        case .connected(let link):
            for request in batch { add(request, to: link) }
            link.flush()
            if link.isBusy { gather() }
        case .searching where board.isFirstTry, .connecting where board.isFirstTry:
            early.append(contentsOf: batch)
        default:
            let failure = RedisFailure(.unavailable, board.status.reason ?? "there is no connection")
            for request in batch { request.completion(.failure(failure)) }
        }
        batch.removeAll(keepingCapacity: true)
    }

    private func add(_ request: RedisRequest, to link: RedisLink) {
        if link.waitingCount >= settings.queueLimit {
            return request.completion(.failure(RedisFailure(.unavailable, "too many commands wait")))
        }
        link.add(request)
    }

    func loopEnded() {
        let failure = RedisFailure(.unavailable, "the client was closed")
        stage = .ended
        timer?.cancel()
        gatheringTimer?.cancel()
        for request in mailbox.close() + early { request.completion(.failure(failure)) }
        early = []
    }
}

extension RedisWorker: RedisLinkOwner {
    func linkReady(_ link: RedisLink) {
        guard case .connecting(let current) = stage, current === link else { return }
        stage = .connected(link)
        backoff.reset()
        let requests = early
        early = []
        for request in requests { add(request, to: link) }
        link.flush()
        subscriptions?.follow(access(to: link.endpoint))
        board.becameReachable(link.endpoint)
    }

    func linkFree(_ link: RedisLink) {
        guard case .connected(let current) = stage, current === link else { return }
        takeCommands()
    }

    func linkEnded(_ link: RedisLink, _ failure: RedisFailure) {
        switch stage {
        case .connecting(let current) where current === link: pause(failure)
        case .connected(let current) where current === link:
            subscriptions?.stop()
            pause(failure)
        default: break
        }
    }
}
