import EventLoop
import Shared

/// One connection to a server that speaks Redis' protocol: greets it, sends commands, hands answers back in order.
/// Used on its loop only.
final class RedisLink: ConnectionHandler {
    /// An answer that is awaited.
    private enum Awaited {
        case greeting
        case selection
        case ping
        /// Asked on the loop itself.
        case question((RedisValue) -> Void)
        case request(RedisRequest, got: [RedisValue])
    }

    private struct Waiting {
        var awaited: Awaited
        let deadline: Duration
    }

    struct Access {
        let endpoint: Endpoint
        let tls: TLSContext?
        let credentials: RedisURL.Credentials?
        let database: Int
        /// False for a Sentinel, which has no databases and no roles.
        let mustBeMaster: Bool
    }

    /// So many pieces may be under way before what comes next is gathered.
    private static let piecesMax = 2

    let endpoint: Endpoint
    private(set) var isReady = false
    /// Whether what was sent is to be answered first. The server takes one command after the other anyway: gathered in
    /// fewer pieces they cost both sides less.
    var isBusy: Bool { pieces.count >= Self.piecesMax }
    /// Commands whose answers are awaited.
    var waitingCount: Int { waiting.count }

    private let loop: EventLoop
    private let access: Access
    private let settings: RedisSettings
    private weak var owner: (any RedisLinkOwner)?
    private let reader = ReplyReader()
    private var connection: Connection?
    private var waiting = Queue<Waiting>()
    /// How many commands were sent, and answered.
    private var sentCount = 0
    private var answeredCount = 0
    /// With which command each piece ends that has no whole answer.
    private var pieces = Queue<Int>()
    private var outgoing: [UInt8] = []
    private var deadlineTimer: LoopTimer?
    private var pingTimer: LoopTimer?
    private var failure: RedisFailure?
    private var isOver = false
    private var isListening = false

    init(_ loop: EventLoop, _ access: Access, _ settings: RedisSettings, owner: any RedisLinkOwner) {
        self.loop = loop
        self.access = access
        self.settings = settings
        self.owner = owner
        endpoint = access.endpoint
        deadlineTimer = LoopTimer(loop) { [weak self] in self?.deadlinePassed() }
        pingTimer = LoopTimer(loop) { [weak self] in self?.ping() }
        connection = Connection.connect(
            loop, to: access.endpoint, tls: access.tls, timeout: settings.connectTimeout, handler: self)
    }

    // MARK: For its owner

    /// Takes commands; they go out with `flush`.
    func add(_ request: RedisRequest) {
        outgoing.append(contentsOf: request.bytes)
        expect(.request(request, got: []), within: request.timeout)
    }

    /// Sends a command of the loop's own. If the link ends before the answer, only its owner hears of it.
    func ask(_ command: RedisCommand, _ completion: @escaping (RedisValue) -> Void) {
        connection?.write(command.bytes)
        expect(.question(completion), within: settings.commandTimeout)
    }

    /// Listens to channels: what comes from now on goes to `linkPushed`.
    func subscribe(to channels: [String]) {
        isListening = true
        connection?.write(RedisCommand([.text("SUBSCRIBE")] + channels.map { RedisCommand.Argument.text($0) }).bytes)
    }

    /// Sends what was added, in one piece.
    func flush() {
        guard !outgoing.isEmpty else { return }
        connection?.write(outgoing)
        pieces.append(sentCount)
        outgoing.removeAll(keepingCapacity: outgoing.capacity <= 65_536)
    }

    /// Gives the connection up. What was sent has an unknown outcome.
    func close(because failure: RedisFailure) {
        if self.failure == nil { self.failure = failure }
        connection?.close()
    }

    // MARK: Deadlines

    private func expect(_ awaited: Awaited, within timeout: Duration) {
        let deadline = loop.now + timeout
        waiting.append(Waiting(awaited: awaited, deadline: deadline))
        sentCount += 1
        guard let timer = deadlineTimer else { return }
        if let scheduled = timer.deadline, scheduled <= deadline { return }
        timer.schedule(after: timeout)
    }

    private func deadlinePassed() {
        let now = loop.now
        guard let next = waiting.all.map(\.deadline).min() else { return }
        if next <= now {
            close(because: RedisFailure(.unknown, "the server did not answer in time"))
        } else {
            deadlineTimer?.schedule(after: next - now)
        }
    }

    private func ping() {
        guard isReady else { return }
        if waiting.isEmpty {
            connection?.write(RedisCommand("PING").bytes)
            expect(.ping, within: settings.connectTimeout)
        }
        pingTimer?.schedule(after: settings.pingAfter)
    }

    // MARK: From the connection

    func opened(_ connection: Connection) {
        var words: [RedisCommand.Argument] = ["HELLO", "2"]
        if let credentials = access.credentials {
            words += ["AUTH", .text(credentials.user ?? "default"), .text(credentials.password.reveal())]
        }
        connection.write(RedisCommand(words + ["SETNAME", "gapura"]).bytes)
        expect(.greeting, within: settings.connectTimeout)
        if access.database != 0 {
            connection.write(RedisCommand("SELECT", RedisCommand.Argument(access.database)).bytes)
            expect(.selection, within: settings.connectTimeout)
        }
    }

    func received(_ bytes: UnsafeRawBufferPointer, from _: Connection) {
        let wasBusy = isBusy
        do throws(RedisFailure) {
            try reader.feed(bytes)
            while !isOver, failure == nil, let value = try reader.next() { take(value) }
        } catch {
            return close(because: error)
        }
        while let end = pieces.first, end <= answeredCount { _ = pieces.popFirst() }
        if wasBusy, !isBusy, !isOver, failure == nil { owner?.linkFree(self) }
    }

    func inputEnded(_: Connection) { close(because: RedisFailure(.unknown, "the server closed the connection")) }

    func ended(_: Connection, _ failure: ConnectionFailure?) {
        isOver = true
        connection = nil
        deadlineTimer?.cancel()
        pingTimer?.cancel()
        (deadlineTimer, pingTimer) = (nil, nil)
        let cause = self.failure ?? RedisFailure(.unknown, failure?.reason ?? "the connection was closed")
        isReady = false
        // First: whoever hears that a command failed must not find a client that seems connected.
        owner?.linkEnded(self, cause)
        for entry in waiting.takeAll() {
            guard case .request(let request, _) = entry.awaited else { continue }
            request.completion(.failure(RedisFailure(.unknown, cause.reason)))
        }
    }

    // MARK: Answers

    private func take(_ value: RedisValue) {
        if isListening, case .array(let parts) = value, parts.first?.text != "pong" {
            owner?.linkPushed(self, parts)
            return
        }
        guard let first = waiting.popFirst() else {
            return close(because: RedisFailure(.unknown, "the server sent what nobody asked for"))
        }
        answeredCount += 1
        if waiting.isEmpty { deadlineTimer?.cancel() }
        switch first.awaited {
        case .greeting: takeGreeting(value)
        case .selection: takeSelection(value)
        case .ping: break
        case .question(let completion): completion(value)
        case .request(let request, var got):
            got.append(value)
            if got.count < request.answers { return putBack(request, got, first.deadline) }
            request.completion(.success(got))
            if case .error(let reply) = value, reply.code == "READONLY" {
                close(because: RedisFailure(.unavailable, "the server is a replica by now"))
            }
        }
    }

    /// An answer of several came; the next belongs to the same request.
    private func putBack(_ request: RedisRequest, _ got: [RedisValue], _ deadline: Duration) {
        answeredCount -= 1
        waiting.prepend(Waiting(awaited: .request(request, got: got), deadline: deadline))
        if deadlineTimer?.isScheduled == false { deadlineTimer?.schedule(after: deadline - loop.now) }
    }

    private func takeGreeting(_ value: RedisValue) {
        switch RedisGreeting(value, mustBeMaster: access.mustBeMaster) {
        case .accepted: if access.database == 0 { becomeReady() }
        case .refused(let reason): close(because: RedisFailure(.unavailable, reason))
        }
    }

    private func takeSelection(_ value: RedisValue) {
        if case .error = value {
            return close(because: RedisFailure(.unavailable, "the server has no database \(access.database)"))
        }
        becomeReady()
    }

    private func becomeReady() {
        isReady = true
        pingTimer?.schedule(after: settings.pingAfter)
        owner?.linkReady(self)
    }
}

/// What a link tells whoever made it, on the loop.
protocol RedisLinkOwner: AnyObject {
    /// It takes commands from now on.
    func linkReady(_ link: RedisLink)
    /// It is no longer busy.
    func linkFree(_ link: RedisLink)
    /// A message of a subscription came.
    func linkPushed(_ link: RedisLink, _ parts: [RedisValue])
    /// The last call. Requests that have no answer fail next.
    func linkEnded(_ link: RedisLink, _ failure: RedisFailure)
}

extension RedisLinkOwner {
    func linkFree(_: RedisLink) {}
    func linkPushed(_: RedisLink, _: [RedisValue]) {}
}
