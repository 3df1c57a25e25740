internal import CMicroHTTPD
import Glibc
import HTTP
import Shared

// libmicrohttpd calls these on the worker's HTTP thread. They are free functions, so that no actor owns them.

func workerCallbacks(for worker: Worker, logging: Bool) -> cmhd_callbacks {
    // Without one libmicrohttpd does not even format its messages.
    let log: MHD_LogCallback? = logging ? { logMessage($0, $1, $2) } : nil
    return cmhd_callbacks(
        context: Unmanaged.passUnretained(worker).toOpaque(), log: log,
        request_line: beginExchange, access: continueExchange, completed: completeExchange,
        connection: noteConnection)
}

private func worker(_ context: UnsafeMutableRawPointer?) -> Worker? {
    context.map { Unmanaged<Worker>.fromOpaque($0).takeUnretainedValue() }
}

private func noteConnection(
    _ context: UnsafeMutableRawPointer?, _ handle: OpaquePointer?,
    _ socketContext: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ what: MHD_ConnectionNotificationCode
) {
    guard let worker = worker(context), let handle, let socketContext else { return }
    if what == .CONNECTION_NOTIFY_STARTED {
        let connection = ServerConnection(worker: worker, connection: handle)
        worker.didOpen(connection)
        socketContext.pointee = Unmanaged.passRetained(connection).toOpaque()
    } else if let opened = socketContext.pointee {
        worker.willClose(Unmanaged<ServerConnection>.fromOpaque(opened).takeRetainedValue())
        socketContext.pointee = nil
    }
}

/// The request line is there, and not yet cut up. What is returned comes back as the exchange of every later call.
private func beginExchange(
    _: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>?, _ handle: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    guard let handle, let connection = ServerConnection.of(handle), let target else { return nil }
    connection.deadline.expectProgress(within: connection.worker.patience.head)
    let incoming = IncomingRequest(target: bytes(target, strlen(target)))
    let exchange = Exchange(connection: connection, handle: handle, incoming: incoming)
    return Unmanaged.passRetained(exchange).toOpaque()
}

private func continueExchange(
    _: UnsafeMutableRawPointer?, _ handle: OpaquePointer?, _: UnsafePointer<CChar>?, _ method: UnsafePointer<CChar>?,
    _ version: UnsafePointer<CChar>?, _ upload: UnsafePointer<CChar>?, _ uploadCount: UnsafeMutablePointer<Int>?,
    _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let handle, let method, let version, let uploadCount, let opaque = context?.pointee else { return .NO }
    let exchange = Unmanaged<Exchange>.fromOpaque(opaque).takeUnretainedValue()
    if uploadCount.pointee > 0, let upload {
        let isTaken = exchange.takeBody(bytes(upload, uploadCount.pointee))
        uploadCount.pointee = 0
        return isTaken ? .YES : .NO
    }
    let goesOn = exchange.advance(
        handle, method: bytes(method, strlen(method)), version: bytes(version, strlen(version)))
    return goesOn ? .YES : .NO
}

private func completeExchange(
    _: UnsafeMutableRawPointer?, _: OpaquePointer?, _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ reason: MHD_RequestTerminationCode
) {
    guard let opaque = context?.pointee else { return }
    context?.pointee = nil
    let exchange = Unmanaged<Exchange>.fromOpaque(opaque).takeRetainedValue()
    let connection = exchange.connection
    // libmicrohttpd may have answered by itself.
    if reason == .REQUEST_TERMINATED_WITH_ERROR, !exchange.isCut { connection.lingers = true }
    connection.deadline.expectRequest(within: connection.worker.patience.idle)
    exchange.complete()
}

private func logMessage(
    _ context: UnsafeMutableRawPointer?, _ format: UnsafePointer<CChar>?, _ arguments: CVaListPointer?
) {
    guard let worker = worker(context), let format, let arguments else { return }
    let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
        guard let start = buffer.baseAddress else { return "" }
        vsnprintf(start, buffer.count, format, arguments)
        return String(cString: start)
    }
    worker.logger.debug("libmicrohttpd", ["text": .text(text)])
}
