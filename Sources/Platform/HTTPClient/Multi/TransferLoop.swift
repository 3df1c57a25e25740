import Lifecycle
import Shared
import Synchronization
import Threads

/// The thread that carries all transfers. It begins with the first one and ends with `close`.
final class TransferLoop: Sendable {
    private struct State {
        var added: [FetchOrder] = []
        var cancelled: [FetchOrder] = []
        /// Until the result of each is there.
        var count = 0
        var multi: CURLMulti?
        var isClosed = false
    }

    private let state = Mutex(State())
    private let ordersMax: Int
    private let connectionsMax: Int
    private let perHostMax: Int
    /// Opens when there is no thread any more after `close`.
    let ended = Latch()

    init(ordersMax: Int, connectionsMax: Int, perHostMax: Int) {
        self.ordersMax = ordersMax
        self.connectionsMax = connectionsMax
        self.perHostMax = perHostMax
    }

    /// - Throws: as `HTTPFetching.fetch`.
    func run(_ order: FetchOrder) async throws -> FetchResponse {
        try add(order)
        return try await order.result.value { self.cancel(order) }
    }

    private func add(_ order: FetchOrder) throws {
        let multi = try state.withLock { state in
            if state.isClosed { throw Unavailable("http_client", reason: "it has been shut down") }
            guard state.count < ordersMax else {
                throw Unavailable("http_client", reason: "too many requests are on their way")
            }
            let multi = try state.multi ?? start()
            state.multi = multi
            state.added.append(order)
            state.count += 1
            return multi
        }
        multi.wakeUp()
    }

    private func cancel(_ order: FetchOrder) {
        let multi = state.withLock { state in
            state.cancelled.append(order)
            return state.multi
        }
        multi?.wakeUp()
    }

    /// Transfers that are not over end without a result.
    func close() {
        let multi = state.withLock { state in
            state.isClosed = true
            return state.multi
        }
        multi?.wakeUp()
        if multi == nil { ended.open() }
    }

    private func start() throws -> CURLMulti {
        let multi = try CURLMulti(connectionsMax: connectionsMax, perHostMax: perHostMax)
        try OwnThread("http-client") { [self] in
            CURLHandle.ignoreBrokenPipes()
            carry(multi)
            ended.open()
        }
        return multi
    }

    private func carry(_ multi: CURLMulti) {
        var transfers: [UnsafeMutableRawPointer: Transfer] = [:]
        while true {
            let (added, cancelled, isClosed) = take()
            for order in added { begin(order, multi, &transfers) }
            for order in cancelled {
                guard let transfer = transfers.values.first(where: { $0.order === order }) else { continue }
                multi.remove(transfer.handle)
                transfers[transfer.handle.handle] = nil
                end(order, .failure(CancellationError()))
            }
            if isClosed { break }
            multi.perform()
            while let (handle, code) = multi.nextDone() {
                guard let transfer = transfers.removeValue(forKey: handle) else { continue }
                multi.remove(transfer.handle)
                end(transfer.order, transfer.result(code))
            }
            // libcurl's own deadlines make it shorter.
            multi.wait(milliseconds: 60_000)
        }
        for transfer in transfers.values {
            multi.remove(transfer.handle)
            end(transfer.order, .failure(Unavailable("http_client", reason: "it has been shut down")))
        }
    }

    private func begin(
        _ order: FetchOrder, _ multi: CURLMulti, _ transfers: inout [UnsafeMutableRawPointer: Transfer]
    ) {
        do {
            let transfer = try Transfer(order)
            try multi.add(transfer.handle)
            transfers[transfer.handle.handle] = transfer
        } catch {
            end(order, .failure(error))
        }
    }

    private func take() -> (added: [FetchOrder], cancelled: [FetchOrder], isClosed: Bool) {
        state.withLock { state in
            defer {
                state.added = []
                state.cancelled = []
            }
            return (state.added, state.cancelled, state.isClosed)
        }
    }

    private func end(_ order: FetchOrder, _ result: Result<FetchResponse, any Error>) {
        state.withLock { $0.count -= 1 }
        order.result.end(result)
    }
}
