internal import CLinux
import Glibc
import Shared

/// A stream to one peer, over TCP or a socket of this machine, with or without TLS. Used on its loop only.
///
/// Writing sends at once what the socket takes and keeps the rest; `isCongested` says when to stop. Reading can be
/// paused. Whoever writes in small pieces gathers them first: each `write` is a system call.
package final class Connection {
    enum Phase { case connecting, handshaking, open, ended }

    package let loop: EventLoop
    /// With more bytes than this waiting to be sent, it is congested.
    package var outputLimit = 65_536
    /// The protocol that both sides agreed on by ALPN; known when it is open.
    package var chosenProtocol: String? { tls?.chosenProtocol }

    var phase: Phase
    var handler: (any ConnectionHandler)?
    var tls: TLSSession?
    var output = OutputBuffer()
    var isPaused = false
    var hasInputEnded = false
    var wantsOutputEnd = false
    var hasOutputEnded = false
    package internal(set) var isCongested = false
    /// What TLS has decrypted, or can, must be handed over when the round is over.
    var needsPump = false

    private(set) var descriptor: Int32
    private var token: UInt64?
    private var interest: ReadyEvents = []
    private var hasPeerLeft = false
    private var ending: ConnectionFailure?
    private var setUpTimer: LoopTimer?
    private var attempt: Attempt?

    /// What a client needs until it is connected.
    struct Attempt {
        var addresses: ArraySlice<KernelAddress> = []
        let tls: (context: TLSContext, serverName: String)?
        var lastFailure: ConnectionFailure?
    }

    init(_ loop: EventLoop, descriptor: Int32, phase: Phase, handler: (any ConnectionHandler)?, attempt: Attempt?) {
        assert(loop.isCurrent)
        self.loop = loop
        self.descriptor = descriptor
        self.phase = phase
        self.handler = handler
        self.attempt = attempt
    }

    /// Whether it can be written to.
    package var isOpen: Bool { phase == .open && !wantsOutputEnd }

    /// Bytes that were written and are not sent yet.
    package var waitingBytes: Int { output.count }

    // MARK: For its owner

    /// Sends bytes, or keeps them until they can be sent. Before `opened` and after the end they are dropped.
    package func write(_ bytes: UnsafeRawBufferPointer) {
        assert(loop.isCurrent)
        guard isOpen else { return }
        send(bytes)
    }

    package func write(_ bytes: some Sequence<UInt8>) {
        let isDone: Void? = bytes.withContiguousStorageIfAvailable { write(UnsafeRawBufferPointer($0)) }
        if isDone == nil { Array(bytes).withUnsafeBytes { write($0) } }
    }

    /// Reads no more until `resumeReading`: the kernel's buffers fill, and the other side has to wait.
    package func pauseReading() {
        isPaused = true
        updateInterest()
    }

    package func resumeReading() {
        guard isPaused else { return }
        isPaused = false
        if tls != nil, !needsPump, phase == .open {
            needsPump = true
            loop.callAfterRound(self)
        }
        updateInterest()
    }

    /// Sends what is waiting, then tells the other side that no more will come. It may go on sending.
    package func finishOutput() {
        guard isOpen else { return }
        if let tls {
            tls.finish()
            sendEncrypted()
        }
        wantsOutputEnd = true
        endOutputIfSent()
    }

    /// Ends it at once; what waits to be sent is dropped.
    package func close() { end(nil) }

    // MARK: Its life

    /// Limits the time until it is open.
    func limitSetUp(to timeout: Duration) {
        let timer = LoopTimer(loop) { [weak self] in
            guard let self else { return }
            let what = phase == .handshaking ? "the TLS handshake took too long" : "nobody answered in time"
            end(ConnectionFailure(.timedOut, what))
        }
        setUpTimer = timer
        timer.schedule(after: timeout)
    }

    func start(_ addresses: [KernelAddress]) {
        guard phase == .connecting else { return }
        attempt?.addresses = addresses[...]
        connectNext()
    }

    private func connectNext() {
        while let address = attempt?.addresses.popFirst() {
            let socket = clinux_stream_socket(address.family)
            guard socket >= 0 else {
                attempt?.lastFailure = ConnectionFailure(call: "socket", errorNumber: errno)
                continue
            }
            if address.family != AF_UNIX { SocketOptions.setClient(socket) }
            let result = address.withPointer { Glibc.connect(socket, $0, $1) }
            // Also one that is connected at once becomes writable at once.
            if result == 0 || errno == EINPROGRESS {
                descriptor = socket
                return watch(.writable)
            }
            attempt?.lastFailure = ConnectionFailure(call: "connect", errorNumber: errno)
            Glibc.close(socket)
        }
        end(attempt?.lastFailure ?? ConnectionFailure(.unresolved, "there is no address"))
    }

    private func connected() {
        let number = SocketOptions.error(of: descriptor)
        guard number == 0 else {
            attempt?.lastFailure = ConnectionFailure(call: "connect", errorNumber: number)
            unwatch()
            Glibc.close(descriptor)
            descriptor = -1
            return connectNext()
        }
        let wanted = attempt?.tls
        attempt = nil
        guard let wanted else { return becomeOpen() }
        beginTLS(wanted.context, serverName: wanted.serverName)
    }

    func beginTLS(_ context: TLSContext, serverName: String?) {
        do throws(ConnectionFailure) {
            tls = try TLSSession(context, serverName: serverName)
            phase = .handshaking
            updateInterest()
            pump()
        } catch {
            end(error)
        }
    }

    func becomeOpen() {
        setUpTimer?.cancel()
        setUpTimer = nil
        phase = .open
        updateInterest()
        handler?.opened(self)
    }

    /// - Parameter failure: nil for an end in order.
    func end(_ failure: ConnectionFailure?) {
        guard phase != .ended else { return }
        phase = .ended
        ending = failure
        setUpTimer?.cancel()
        setUpTimer = nil
        unwatch()
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
        output.removeAll()
        // Its owner hears of it when nobody is in the middle of something.
        loop.callAfterRound(self)
    }

    // MARK: What is waited for

    func watch(_ events: ReadyEvents) {
        do {
            token = try loop.register(descriptor, events, self)
            interest = events
        } catch {
            end(ConnectionFailure(.system, "\(error)"))
        }
    }

    private func unwatch() {
        guard let token else { return }
        loop.unregister(descriptor, token: token)
        self.token = nil
    }

    /// Whether bytes from the network are wanted now.
    private var isReading: Bool { !hasInputEnded && (phase == .handshaking || phase == .open && !isPaused) }

    func updateInterest() {
        guard phase == .handshaking || phase == .open else { return }
        var wanted: ReadyEvents = []
        if isReading { wanted.insert(.readable) }
        if !isReading, !hasInputEnded, !hasPeerLeft { wanted.insert(.peerClosed) }
        if !output.isEmpty { wanted.insert(.writable) }
        guard let token else {
            if !wanted.subtracting(.peerClosed).isEmpty { watch(wanted) }
            return
        }
        if wanted != interest {
            interest = wanted
            loop.change(descriptor, wanted, token: token)
        }
    }

    /// The other side went while nothing is read.
    private func notice(_ events: ReadyEvents) {
        if events.contains(.failed) {
            let number = SocketOptions.error(of: descriptor)
            return end(ConnectionFailure(call: "recv", errorNumber: number == 0 ? ECONNRESET : number))
        }
        if !hasPeerLeft {
            hasPeerLeft = true
            handler?.peerLeft(self)
        }
        // A hang-up would be found again in every round.
        if events.contains(.hungUp), !isReading { unwatch() }
        updateInterest()
    }
}

extension Connection: ReadyHandler, RoundHandler {
    func ready(_ events: ReadyEvents) {
        if phase == .connecting { return connected() }
        if events.contains(.writable) { flush() }
        guard phase != .ended, !events.subtracting(.writable).isEmpty else { return }
        if isReading {
            receive()
        } else {
            notice(events)
        }
    }

    func loopEnded() { end(ConnectionFailure(.stopped, "the loop ended")) }

    func roundEnded() {
        if phase == .ended {
            let handler = handler
            self.handler = nil
            handler?.ended(self, ending)
        } else if needsPump {
            needsPump = false
            pump()
        }
    }
}
