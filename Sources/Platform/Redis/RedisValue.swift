/// What the server answered (RESP2).
package enum RedisValue: Sendable, Equatable {
    case bytes([UInt8])
    /// `OK` and its like.
    case status(String)
    case integer(Int64)
    case null
    case array([RedisValue])
    case error(RedisErrorReply)

    /// Bytes or status as text.
    package var text: String? {
        switch self {
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let text): text
        default: nil
        }
    }

    package var bytes: [UInt8]? {
        guard case .bytes(let bytes) = self else { return nil }
        return bytes
    }

    package var integer: Int64? {
        guard case .integer(let number) = self else { return nil }
        return number
    }

    package var array: [RedisValue]? {
        guard case .array(let values) = self else { return nil }
        return values
    }
}

/// An error that the server answered.
package struct RedisErrorReply: Error, Sendable, Equatable, CustomStringConvertible {
    /// Its first word: `NOSCRIPT`, `WRONGTYPE`, `ERR`.
    package let code: String
    /// The server's text without the command's arguments, which it quotes at times.
    package let message: String

    init(_ text: String) {
        code = String(text.prefix { $0 != " " })
        let end = text.firstRange(of: ", with args beginning with")?.lowerBound ?? text.endIndex
        message = String(text[..<end])
    }

    package var description: String { message }

    /// Whether it says that nothing was done because of the server's present state.
    var isTemporary: Bool {
        [
            "READONLY", "LOADING", "MASTERDOWN", "BUSY", "OOM", "MISCONF", "NOREPLICAS", "CLUSTERDOWN", "TRYAGAIN",
        ].contains(code)
    }
}

/// Why a command has no answer.
package struct RedisFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// It was not done: it was never sent, or the server cannot take it now.
        case unavailable
        /// It was sent, and nobody knows whether it was done.
        case unknown
        /// The server refuses it; it would do so again.
        case refused
    }

    package let kind: Kind
    /// For the log; never holds a password or an argument.
    package let reason: String

    package init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    init(_ reply: RedisErrorReply) {
        self.init(reply.isTemporary ? .unavailable : .refused, reply.message)
    }

    package var description: String {
        switch kind {
        case .unavailable: "Redis unavailable: \(reason)"
        case .unknown: "nobody knows whether Redis has done it: \(reason)"
        case .refused: "Redis refused: \(reason)"
        }
    }
}
