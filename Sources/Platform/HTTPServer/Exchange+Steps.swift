import HTTP
import Shared

/// What happens to an exchange on its HTTP thread. False cuts the connection.
extension Exchange {
    func takeBody(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        incoming.take(bytes, limit: connection.worker.bodyLimit)
    }

    /// Whether the connection is closed without an answer.
    var isCut: Bool {
        if case .swallowing(let remaining) = incoming.stage { return remaining < 0 }
        return false
    }

    /// The head or the whole request is there, or libmicrohttpd asks for the answer.
    func advance(
        _ handle: OpaquePointer, method: UnsafeBufferPointer<UInt8>, version: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        switch incoming.stage {
        case .head:
            return judge(handle, method: method, version: version)
        case .body where connection.worker.mode >= .ended:
            return refuse(.draining, on: handle)
        case .body:
            incoming.stage = .handling
            connection.deadline.clear()
            return follow(dispatch(), on: handle)
        case .swallowing:
            return refuse(.bodyTooLarge(limitBytes: connection.worker.bodyLimit.bytes), on: handle)
        case .handling:
            return follow(answerOrSuspend(), on: handle)
        }
    }

    private func judge(
        _ handle: OpaquePointer, method: UnsafeBufferPointer<UInt8>, version: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        let (verdict, headers) = HeadReader.read(
            handle, method: method, target: incoming.target, targetAddress: incoming.targetAddress, version: version,
            bodyLimit: connection.worker.bodyLimit)
        guard case .accepted(let framing) = verdict else {
            if case .refused(let refusal) = verdict { return refuse(refusal, on: handle) }
            return false
        }
        incoming.stage = .body
        incoming.method = HeadReader.method(named: method)
        incoming.headers = headers
        switch framing {
        case .none:
            break
        case .length(let count):
            // Not all of it on a mere promise.
            incoming.body.reserveCapacity(min(count, 64 << 10))
            connection.deadline.expectProgress(within: connection.worker.patience.body)
        case .chunked:
            connection.deadline.expectProgress(within: connection.worker.patience.body)
        }
        return true
    }

    private func follow(_ step: Step, on handle: OpaquePointer) -> Bool {
        switch step {
        case .askAgain, .sleep: return true
        case .answer(let response): return send(response, on: handle, closing: connection.worker.mode > .serving)
        }
    }

    private func refuse(_ refusal: RequestRefusal, on handle: OpaquePointer) -> Bool {
        connection.lingers = true
        return send(connection.worker.application.refuse(refusal), on: handle, closing: true)
    }

    private func send(_ response: Response, on handle: OpaquePointer, closing: Bool) -> Bool {
        connection.deadline.expectProgress(within: connection.worker.patience.send)
        if AnswerWriter.queue(response, on: handle, closing: closing) { return true }
        connection.worker.logger.error(
            "an answer could not be sent", ["status": LogValue(response.status), "path": .text(incoming.path)])
        return false
    }
}
