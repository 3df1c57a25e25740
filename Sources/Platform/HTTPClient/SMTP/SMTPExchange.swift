internal import CCurl

/// The mail on its way, as libcurl's callbacks see it. Used by one thread; lives as long as its connection.
final class SMTPExchange {
    private(set) var dialogue = SMTPDialogue()
    private var message: [UInt8] = []
    private var offset = 0
    private var isCancelled: () -> Bool = { false }

    func begin(_ message: [UInt8], isCancelled: @escaping () -> Bool) {
        self.message = message
        self.isCancelled = isCancelled
        restart()
    }

    /// Back to the beginning, for another connection.
    func restart() {
        offset = 0
        dialogue = SMTPDialogue()
    }

    /// Forgets the mail.
    func end() {
        message = []
        isCancelled = { false }
    }

    private func read(_ buffer: UnsafeMutableRawPointer, _ room: Int) -> Int {
        let count = min(room, message.count - offset)
        message[offset..<(offset + count)].withUnsafeBytes { bytes in
            UnsafeMutableRawBufferPointer(start: buffer, count: count).copyMemory(from: bytes)
        }
        offset += count
        return count
    }

    private func observe(_ type: curl_infotype, _ bytes: UnsafeRawBufferPointer) {
        switch type {
        case CURLINFO_HEADER_OUT: dialogue.sent(bytes)
        case CURLINFO_HEADER_IN: dialogue.received(bytes)
        default: break
        }
    }

    /// Makes this exchange the one that the handle's callbacks reach. It must live as long as the handle.
    func attach(to handle: borrowing CURLHandle) throws {
        let read: ccurl_read = { buffer, size, count, context in
            guard let buffer, let exchange = SMTPExchange.from(context) else { return 0 }
            return exchange.read(buffer, size * count)
        }
        let observe: ccurl_observe = { _, type, bytes, count, context in
            SMTPExchange.from(context)?.observe(type, UnsafeRawBufferPointer(start: bytes, count: count))
            return 0
        }
        let progress: ccurl_progress = { context, _, _, _, _ in
            SMTPExchange.from(context)?.isCancelled() == true ? 1 : 0
        }
        try handle.setCallbacks(
            read: read, observe: observe, progress: progress, Unmanaged.passUnretained(self).toOpaque())
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> SMTPExchange? {
        context.map { Unmanaged<SMTPExchange>.fromOpaque($0).takeUnretainedValue() }
    }
}
