internal import CCurl
internal import Glibc
import Shared
import Threads

/// What comes back, as libcurl's callbacks see it, and the last look at where it goes. Used by one thread.
final class TransferAnswer {
    private let limits: FetchLimits
    private let policy: EgressPolicy
    private let port: Int
    private var headBytes = 0
    private(set) var headers: [FetchResponse.Header] = []
    /// libcurl takes a head for one that just broke off.
    private(set) var isHeadWhole = false
    private(set) var body: [UInt8] = []
    private(set) var isCut = false
    private(set) var overflow: String?
    private(set) var refusal: EgressPolicy.Refusal?
    private(set) var mayHaveArrived = false

    init(_ limits: FetchLimits, _ policy: EgressPolicy, port: Int) {
        self.limits = limits
        self.policy = policy
        self.port = port
    }

    /// - Returns: false to end the transfer.
    private func head(_ line: UnsafeRawBufferPointer) -> Bool {
        headBytes += line.count
        guard headBytes <= limits.headBytesMax else {
            overflow = "the answer's head is too large"
            return false
        }
        // A head of its own: of an interim answer (1xx), then of the answer.
        if line.starts(with: "HTTP/".utf8) {
            headers = []
            isHeadWhole = false
            return true
        }
        if line.first == UInt8(ascii: "\r") || line.first == UInt8(ascii: "\n") { isHeadWhole = true }
        guard body.isEmpty, let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return true }
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        let value = String(decoding: line[line.index(after: colon)...], as: UTF8.self)
        headers.append(.init(name, Self.trimmed(value)))
        return true
    }

    private static func trimmed(_ value: String) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r\n" || $0 == "\n" || $0 == "\r" }
        let start = value.drop(while: isSpace)
        guard let last = start.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(start[...last])
    }

    /// - Returns: false to end the transfer.
    private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let room = limits.bodyBytesMax - body.count
        body.append(contentsOf: bytes.prefix(room))
        guard bytes.count > room else { return true }
        switch limits.overflow {
        case .cut: isCut = true
        case .fail: overflow = "the answer's body is too large"
        }
        return false
    }

    /// Whether a connection may be made there. Names were looked up and checked before; this is what holds.
    private func mayOpen(_ address: NetworkAddress?) -> Bool {
        refusal = address.map { policy.refusal(of: $0, port: port) } ?? .address
        return refusal == nil
    }

    /// Whether the request may be sent, also over a connection that is there already.
    private func maySend(to address: String, _ port: Int) -> Bool {
        guard let address = NetworkAddress(text: address) else {
            refusal = .address
            return false
        }
        refusal = policy.refusal(of: address, port: port)
        mayHaveArrived = refusal == nil
        return refusal == nil
    }

    /// Makes this the one that the handle's callbacks reach. It must live as long as the handle.
    func attach(to handle: borrowing CURLHandle) throws {
        let head: ccurl_write = { bytes, size, count, context in
            let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return TransferAnswer.from(context)?.head(line) == true ? line.count : 0
        }
        let body: ccurl_write = { bytes, size, count, context in
            let part = UnsafeRawBufferPointer(start: bytes, count: size * count)
            // Not the count ends the transfer.
            return TransferAnswer.from(context)?.take(part) == true ? part.count : part.count &+ 1
        }
        let open: curl_opensocket_callback = { context, _, address in
            guard let address, let answer = TransferAnswer.from(context),
                answer.mayOpen(
                    ccurl_address(address).flatMap { NetworkAddress(socketAddress: UnsafeRawPointer($0)) })
            else { return CURL_SOCKET_BAD }
            return ccurl_open(address)
        }
        let prereq: curl_prereq_callback = { context, address, _, port, _ in
            guard let address, let answer = TransferAnswer.from(context) else { return 1 }
            return answer.maySend(to: String(cString: address), Int(port)) ? 0 : 1
        }
        try handle.setAnswerCallbacks(
            head: head, body: body, open: open, prereq: prereq, Unmanaged.passUnretained(self).toOpaque())
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> TransferAnswer? {
        context.map { Unmanaged<TransferAnswer>.fromOpaque($0).takeUnretainedValue() }
    }
}
