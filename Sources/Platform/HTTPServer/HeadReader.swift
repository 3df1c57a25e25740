internal import CMicroHTTPD
import Glibc
import HTTP
import Shared

/// Reads a complete head out of libmicrohttpd: judged by the guard, and its fields copied in one block.
struct HeadReader {
    /// Version 0.9 tells nothing but the layout, and judges little. Later ones judge line ends themselves when
    /// they are told to be strict, and lay the head out in other ways.
    static let mustCheckLayout = MHD_get_version().map { strncmp($0, "0.9.", 4) == 0 } ?? false

    /// What libmicrohttpd shall be told: where the layout shows everything, leave the answer to the guard, which
    /// speaks JSON, and not HTML.
    static var strictness: Int32 { mustCheckLayout ? 0 : 1 }

    private var requestGuard: RequestGuard
    private var layout: HeadLayout
    private var fields: [Headers.Field] = []
    private var block: UnsafePointer<UInt8>?
    private var blockCount = 0

    /// - Parameters:
    ///   - target: the copy that was made before libmicrohttpd cut the query up.
    ///   - targetAddress: where the original is.
    static func read(
        _ connection: OpaquePointer, method: UnsafeBufferPointer<UInt8>, target: borrowing String, targetAddress: Int,
        version: UnsafeBufferPointer<UInt8>, bodyLimit: ByteCount
    ) -> (verdict: RequestGuard.Verdict, headers: Headers) {
        let layout = HeadLayout(
            method: method, targetAddress: targetAddress, targetCount: target.utf8.count, version: version)
        var reader = HeadReader(requestGuard: RequestGuard(bodyLimit: bodyLimit), layout: layout)
        target.withUTF8Bytes { reader.requestGuard.check(method: method, target: $0, version: version) }
        reader.fields.reserveCapacity(16)
        withUnsafeMutablePointer(to: &reader) { reader in
            _ = MHD_get_connection_values_n(connection, .HEADER_KIND, takeField, reader)
        }
        if mustCheckLayout {
            reader.layout.finish(end: Int(bitPattern: method.baseAddress) + cmhd_head_bytes(connection))
            if !reader.layout.isIntact { reader.requestGuard.refuse("malformed line in the head") }
        }
        let verdict = reader.requestGuard.verdict()
        guard case .accepted = verdict else { return (verdict, Headers()) }
        let bytes = UnsafeBufferPointer(start: reader.block, count: reader.blockCount)
        return (verdict, Headers(block: Array(bytes), fields: reader.fields))
    }

    static func method(named name: UnsafeBufferPointer<UInt8>) -> Method {
        let known: [(StaticString, Method)] = [
            ("GET", .get), ("POST", .post), ("PUT", .put), ("PATCH", .patch), ("DELETE", .delete), ("HEAD", .head),
            ("OPTIONS", .options),
        ]
        return known.first { RequestGuard.isSame(name, $0.0) }?.1 ?? .other
    }

    private init(requestGuard: RequestGuard, layout: HeadLayout) {
        self.requestGuard = requestGuard
        self.layout = layout
    }

    fileprivate mutating func take(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
        requestGuard.check(name: name, value: value)
        layout.pass(name: name, value: value)
        guard let nameStart = name.baseAddress, let valueStart = value.baseAddress else { return }
        let block = self.block ?? nameStart
        self.block = block
        let (nameOffset, valueOffset) = (nameStart - block, valueStart - block)
        guard nameOffset >= blockCount, valueOffset >= nameOffset + name.count else {
            requestGuard.refuse("malformed line in the head")
            return
        }
        blockCount = valueOffset + value.count
        fields.append(
            Headers.Field(name: nameOffset..<(nameOffset + name.count), value: valueOffset..<blockCount))
    }
}

private func takeField(
    _ context: UnsafeMutableRawPointer?, _: MHD_ValueKind, _ name: UnsafePointer<CChar>?, _ nameCount: Int,
    _ value: UnsafePointer<CChar>?, _ valueCount: Int
) -> MHD_Result {
    guard let reader = context?.assumingMemoryBound(to: HeadReader.self), let name, let value else { return .NO }
    reader.pointee.take(name: bytes(name, nameCount), value: bytes(value, valueCount))
    return .YES
}

/// The bytes of a C text, without its zero.
func bytes(_ text: UnsafePointer<CChar>, _ count: Int) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self), count: count)
}

extension String {
    /// Native text lies in one piece, so nothing is copied.
    fileprivate borrowing func withUTF8Bytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        if utf8.withContiguousStorageIfAvailable(body) == nil {
            ContiguousArray(utf8).withUnsafeBufferPointer(body)
        }
    }
}
