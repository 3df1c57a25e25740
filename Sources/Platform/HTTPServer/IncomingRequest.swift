import HTTP
import Shared

/// A request while it is being read.
struct IncomingRequest {
    enum Stage {
        case head
        case body
        /// The body is too large: it is read on for a while, so that the client gets to read the refusal.
        case swallowing(remainingBytes: Int)
        case handling
    }

    /// How much of a body that is too large is read before the connection is cut.
    static let swallowedBytesMax = 1 << 20

    /// The target as sent.
    let target: String
    /// Where libmicrohttpd has it.
    let targetAddress: Int
    var stage = Stage.head
    var method = Method.other
    var headers = Headers()
    var body: [UInt8] = []

    init(target: String, targetAddress: Int) {
        self.target = target
        self.targetAddress = targetAddress
    }

    /// - Returns: false if the connection should be cut.
    mutating func take(_ bytes: UnsafeBufferPointer<UInt8>, limit: ByteCount) -> Bool {
        switch stage {
        case .body where body.count + bytes.count <= limit.bytes:
            body.append(contentsOf: bytes)
            return true
        case .body:
            body = []
            stage = .swallowing(remainingBytes: Self.swallowedBytesMax - bytes.count)
            return true
        case .swallowing(let remaining):
            stage = .swallowing(remainingBytes: remaining - bytes.count)
            return remaining >= bytes.count
        case .head, .handling:
            return false
        }
    }

    /// Without the query, which may hold secrets.
    var path: String { splitTarget().path }

    /// The complete request. The body moves out.
    mutating func makeRequest(peer: NetworkAddress) -> Request {
        let (path, query) = splitTarget()
        let body = self.body
        self.body = []
        return Request(method: method, path: path, query: query, headers: headers, body: body, peer: peer)
    }

    private func splitTarget() -> (path: String, query: String?) {
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return (target, nil) }
        return (String(target[..<mark]), String(target[target.utf8.index(after: mark)...]))
    }
}
