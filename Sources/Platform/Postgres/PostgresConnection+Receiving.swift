internal import CPQ
internal import Glibc
import Shared

extension PostgresConnection {
    private enum Verdict {
        case done, skipped
        case refused(StatementRefusal)
    }

    /// Reads the answers up to the last sync.
    ///
    /// - Returns: the answer to the last statement, if there was one.
    /// - Throws: `StatementRefusal` for the first refused command, after all was read; `ConnectionLoss`.
    @discardableResult
    func drain() throws -> QueryResult? {
        let deadline = ContinuousClock.now + answerTimeout
        var refusal: StatementRefusal?
        var last: QueryResult?
        var isCommitted = false
        var position = 0
        defer {
            expected.removeFirst(min(position, expected.count))
            underway = [:]
        }
        while position < expected.count {
            let command = expected[position]
            do {
                let result = try receive(by: deadline)
                switch try verdict(result, command) {
                case .done:
                    if case .commit = command { isCommitted = true }
                    if case .statement = command { last = result }
                case .skipped: break
                case .refused(let error): refusal = refusal ?? error
                }
                position += 1
            } catch var loss as ConnectionLoss {
                position = expected.count
                // The server said so before it went.
                if isCommitted { return last }
                // A refused command before COMMIT made the server skip it.
                if refusal != nil { loss.mayHaveCommitted = false }
                throw loss
            }
        }
        if let refusal { throw refusal }
        return last
    }

    private func verdict(_ result: QueryResult, _ command: Expected) throws -> Verdict {
        switch result.status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
            switch command {
            case .prepare(let name, let sql): names.remember(name, sql)
            case .deallocate(let name): names.dropped(name)
            case .commit where result.tag != "COMMIT": throw loss("COMMIT was answered by \(result.tag)")
            default: break
            }
            return .done
        case PGRES_PIPELINE_SYNC: return .done
        case PGRES_PIPELINE_ABORTED: return .skipped
        case PGRES_EMPTY_QUERY: return .refused(StatementRefusal(failure: InternalFailure("empty statement")))
        case PGRES_FATAL_ERROR:
            if PQstatus(handle.pointer) == CONNECTION_BAD { throw loss() }
            let error = PostgresError(result)
            guard error.isLoss else { return .refused(StatementRefusal(error: error, sql: command.sql)) }
            var loss = loss(error.summary)
            // Answers come in order: if one before it says so, COMMIT was not reached. Nor if nothing came for too long.
            if case .commit = command, error.code != "25P03" {} else { loss.mayHaveCommitted = false }
            throw loss
        default: throw loss("an answer that is not understood")
        }
    }

    /// The next answer; also reads the mark at its end.
    private func receive(by deadline: ContinuousClock.Instant) throws -> QueryResult {
        guard let result = try receiveOne(by: deadline) else { throw loss("an answer is missing") }
        switch result.status {
        case PGRES_PIPELINE_SYNC: break
        // libpq would say so for ever, until the data was copied.
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: throw noCopy()
        default: while try receiveOne(by: deadline) != nil {}
        }
        return result
    }

    /// - Parameter deadline: nil waits as long as the connection holds.
    private func receiveOne(by deadline: ContinuousClock.Instant?) throws -> QueryResult? {
        while true {
            let unsent = PQflush(handle.pointer)
            if unsent < 0 { throw loss() }
            if PQisBusy(handle.pointer) == 0 { return PQgetResult(handle.pointer).map { QueryResult($0) } }
            try waitForNetwork(toSend: unsent > 0, by: deadline)
            if PQconsumeInput(handle.pointer) == 0 { throw loss() }
        }
    }

    private func noCopy() -> ConnectionLoss {
        var loss = loss("COPY was sent")
        loss.defect = InternalFailure("COPY between the program and the server is not supported")
        return loss
    }

    private func waitForNetwork(toSend: Bool, by deadline: ContinuousClock.Instant?) throws {
        let left = deadline.map { ($0 - .now).wholeMilliseconds }
        if let left, left <= 0 { throw loss("no answer within \(answerTimeout)") }
        var descriptor = pollfd(
            fd: PQsocket(handle.pointer), events: Int16(POLLIN) | (toSend ? Int16(POLLOUT) : 0), revents: 0)
        let result = poll(&descriptor, 1, left.map { Int32(clamping: $0) } ?? -1)
        if result < 0, errno != EINTR { throw loss("poll: \(String(cString: strerror(errno)))") }
    }

    /// Runs several statements without values and without a limit of time on this side. Nothing may be outstanding.
    ///
    /// - Throws: as `drain`.
    func script(_ sql: String) throws {
        if sql.utf8.contains(0) { throw InternalFailure("the script holds U+0000") }
        try checked(PQexitPipelineMode(handle.pointer))
        try checked(PQsendQuery(handle.pointer, sql))
        var refusal: StatementRefusal?
        while let result = try receiveOne(by: nil) {
            switch result.status {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: continue
            case PGRES_FATAL_ERROR:
                if PQstatus(handle.pointer) == CONNECTION_BAD { throw loss() }
                let error = PostgresError(result)
                if error.isLoss { throw loss(error.summary) }
                refusal = refusal ?? StatementRefusal(error: error, sql: sql)
            default: throw noCopy()
            }
        }
        try checked(PQenterPipelineMode(handle.pointer))
        if let refusal { throw refusal }
    }

    /// Looks, without waiting, whether the server has closed an idle connection.
    func looksAlive() -> Bool {
        var descriptor = pollfd(fd: PQsocket(handle.pointer), events: Int16(POLLIN), revents: 0)
        guard expected.isEmpty, poll(&descriptor, 1, 0) > 0 else { return true }
        // Perhaps a parting word, perhaps only a changed setting.
        needsProof = true
        return PQconsumeInput(handle.pointer) == 1 && PQstatus(handle.pointer) == CONNECTION_OK
            && descriptor.revents & Int16(POLLHUP | POLLERR) == 0
    }

    /// For waiting for notifications.
    var socket: Int32 { PQsocket(handle.pointer) }

    /// The channels that were notified since the last call. Does not wait.
    ///
    /// - Throws: `ConnectionLoss`.
    func notifiedChannels() throws -> Set<String> {
        if PQconsumeInput(handle.pointer) == 0 { throw loss() }
        var channels: Set<String> = []
        while let notification = PQnotifies(handle.pointer) {
            channels.insert(String(cString: notification.pointee.relname))
            PQfreemem(notification)
        }
        if PQstatus(handle.pointer) != CONNECTION_OK { throw loss() }
        return channels
    }
}
