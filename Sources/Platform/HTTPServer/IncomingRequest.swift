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
    /// Where its path begins: behind the authority, if it has one.
    private let pathOffset: Int
    /// Where its first `?` is, if anywhere.
    private let queryOffset: Int?
    /// Where libmicrohttpd has it.
    let targetAddress: Int
    var stage = Stage.head
    var method = Method.other
    var headers = Headers()
    var body: [UInt8] = []

    /// - Parameter target: where libmicrohttpd has it.
    init(target: UnsafeBufferPointer<UInt8>) {
        self.target = String(decoding: target, as: UTF8.self)
        targetAddress = Int(bitPattern: target.baseAddress)
        pathOffset = TargetForm.authority(of: target)?.endIndex ?? 0
        queryOffset = target.firstIndex(of: UInt8(ascii: "?"))
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
        if pathOffset == 0, queryOffset == nil { return (target, nil) }
        let start = target.utf8.index(target.startIndex, offsetBy: pathOffset)
        let mark = queryOffset.map { target.utf8.index(target.startIndex, offsetBy: $0) }
        let path = target[start..<(mark ?? target.endIndex)]
        return (path.isEmpty ? "/" : String(path), mark.map { String(target[target.utf8.index(after: $0)...]) })
    }
}
