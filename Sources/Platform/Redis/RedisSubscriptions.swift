import EventLoop
import Shared

/// Listens to channels on a connection of its own, which follows the client's: to the same server, for as long as that
/// one lasts. Used on its loop only.
///
/// A message can be lost with a connection, so every handler is also called after each subscribing; whoever relies on
/// it looks by itself from time to time.
final class RedisSubscriptions: RedisLinkOwner {
    private let loop: EventLoop
    private let subscriptions: [RedisClient.Subscription]
    private let settings: RedisSettings
    private var access: RedisLink.Access?
    private var link: RedisLink?
    private var timer: LoopTimer?
    private var backoff: Backoff
    private var confirmed = 0

    init(_ loop: EventLoop, _ subscriptions: [RedisClient.Subscription], _ settings: RedisSettings) {
        self.loop = loop
        self.subscriptions = subscriptions
        self.settings = settings
        backoff = Backoff(settings)
        timer = LoopTimer(loop) { [weak self] in self?.connect() }
    }

    func follow(_ access: RedisLink.Access) {
        self.access = access
        backoff.reset()
        if link == nil { connect() }
    }

    func stop() {
        access = nil
        timer?.cancel()
        link?.close(because: RedisFailure(.unavailable, "the server is given up"))
    }

    private func connect() {
        guard let access, link == nil else { return }
        link = RedisLink(loop, access, settings, owner: self)
    }

    private var channels: [String] { Set(subscriptions.map(\.channel)).sorted() }

    func linkReady(_ link: RedisLink) {
        confirmed = 0
        link.subscribe(to: channels)
    }

    func linkPushed(_ link: RedisLink, _ parts: [RedisValue]) {
        switch parts.first?.text {
        case "subscribe":
            confirmed += 1
            guard confirmed == channels.count else { return }
            backoff.reset()
            // Something may have been missed.
            for subscription in subscriptions { subscription.handler(nil) }
        case "message" where parts.count == 3:
            for subscription in subscriptions where subscription.channel == parts[1].text {
                subscription.handler(parts[2].bytes)
            }
        default: link.close(because: RedisFailure(.unknown, "the server sent what nobody asked for"))
        }
    }

    func linkEnded(_ link: RedisLink, _: RedisFailure) {
        self.link = nil
        if access != nil { timer?.schedule(after: backoff.pause()) }
    }
}
