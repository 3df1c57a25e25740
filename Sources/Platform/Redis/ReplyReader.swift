internal import CHiredis

/// hiredis' reader of replies: bytes in, values out.
struct ReplyReader: ~Copyable {
    /// The most bytes of replies that are not complete.
    private static let waitingBytesMax = 64 << 20

    private let reader: UnsafeMutablePointer<redisReader>

    init() {
        guard let reader = redisReaderCreate() else { preconditionFailure("out of memory") }
        self.reader = reader
    }

    deinit { redisReaderFree(reader) }

    /// - Throws: `RedisFailure` if the memory for it is missing, or the server sends more than anybody asked for.
    func feed(_ bytes: UnsafeRawBufferPointer) throws(RedisFailure) {
        guard let start = bytes.baseAddress, bytes.count > 0 else { return }
        let result = redisReaderFeed(reader, start.assumingMemoryBound(to: CChar.self), bytes.count)
        guard result == REDIS_OK, reader.pointee.len - reader.pointee.pos <= Self.waitingBytesMax else {
            throw RedisFailure(.unknown, "the server's reply is too long")
        }
    }

    /// - Returns: nil if no reply is complete.
    /// - Throws: `RedisFailure` if the bytes are no reply of Redis.
    func next() throws(RedisFailure) -> RedisValue? {
        var reply: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &reply) == REDIS_OK else {
            throw RedisFailure(.unknown, "what the server sent is no reply of Redis")
        }
        guard let reply else { return nil }
        defer { freeReplyObject(reply) }
        return Self.value(reply.assumingMemoryBound(to: redisReply.self))
    }

    private static func value(_ reply: UnsafeMutablePointer<redisReply>) -> RedisValue {
        switch reply.pointee.type {
        case REDIS_REPLY_STRING: return .bytes(Array(bytes(reply)))
        case REDIS_REPLY_STATUS: return .status(String(decoding: bytes(reply), as: UTF8.self))
        case REDIS_REPLY_ERROR: return .error(RedisErrorReply(String(decoding: bytes(reply), as: UTF8.self)))
        case REDIS_REPLY_INTEGER: return .integer(reply.pointee.integer)
        case REDIS_REPLY_ARRAY:
            return .array(
                (0..<Int(reply.pointee.elements)).map { index in
                    reply.pointee.element[index].map { value($0) } ?? .null
                })
        default: return .null
        }
    }

    private static func bytes(_ reply: UnsafeMutablePointer<redisReply>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: reply.pointee.str, count: Int(reply.pointee.len))
    }
}
