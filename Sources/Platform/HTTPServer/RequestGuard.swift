import Glibc
import HTTP
import Shared

/// Accepts only heads that every HTTP/1.1 program understands alike (RFC 9112), so that nobody in front of us and
/// we ourselves ever disagree where a request ends. libmicrohttpd takes far more.
///
/// Give it the request line, then every field in order, then ask for the verdict.
package struct RequestGuard {
    /// How the body of an accepted request ends.
    package enum Framing: Sendable, Equatable {
        case none
        case length(Int)
        case chunked
    }

    package enum Verdict: Sendable, Equatable {
        case accepted(Framing)
        case refused(RequestRefusal)
    }

    private let bodyLimitBytes: Int
    private var problem: String?
    private var isVersion11 = false
    private var hostCount = 0
    private var lengthCount = 0
    private var length: Int?
    private var encodingCount = 0

    package init(bodyLimit: ByteCount) {
        bodyLimitBytes = bodyLimit.bytes
    }

    /// - Parameters:
    ///   - target: as sent, the query included.
    ///   - version: as sent, such as `HTTP/1.1`.
    package mutating func check(
        method: UnsafeBufferPointer<UInt8>, target: UnsafeBufferPointer<UInt8>, version: UnsafeBufferPointer<UInt8>
    ) {
        isVersion11 = Self.isSame(version, "HTTP/1.1")
        if !isVersion11, !Self.isSame(version, "HTTP/1.0") {
            refuse("unsupported HTTP version")
        }
        if method.isEmpty || !HeadByte.token.containsAll(method) { refuse("invalid method") }
        if !isTarget(target, of: method) { refuse("the target must be a path, or the address of one") }
        if !HeadByte.areTarget(target) { refuse("invalid character in the target") }
        if Self.hasEncodedNull(target) { refuse("null character in the target") }
    }

    /// - Parameter value: as sent, without the white space before it.
    package mutating func check(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
        if name.isEmpty || !HeadByte.token.containsAll(name) { refuse("invalid header name") }
        if !HeadByte.areFieldValue(value) { refuse("invalid character in a header value") }
        switch name.count {
        case 4 where Self.equals(name, "host"): checkHost(value)
        case 14 where Self.equals(name, "content-length"): checkLength(value)
        case 17 where Self.equals(name, "transfer-encoding"): checkEncoding(value)
        default: break
        }
    }

    /// Refuses for a reason that only the caller can see; the first reason is the one that is told.
    package mutating func refuse(_ problem: String) {
        if self.problem == nil { self.problem = problem }
    }

    package func verdict() -> Verdict {
        if let problem { return .refused(.malformed(problem)) }
        if hostCount > 1 || (isVersion11 && hostCount == 0) {
            return .refused(.malformed("exactly one Host header is required"))
        }
        if encodingCount > 0 {
            guard encodingCount == 1, isVersion11 else {
                return .refused(.malformed("unsupported Transfer-Encoding"))
            }
            guard lengthCount == 0 else {
                return .refused(.malformed("both Content-Length and Transfer-Encoding"))
            }
            return .accepted(.chunked)
        }
        guard lengthCount <= 1 else { return .refused(.malformed("more than one Content-Length")) }
        guard lengthCount == 1 else { return .accepted(.none) }
        guard let length, length <= bodyLimitBytes else {
            return .refused(.bodyTooLarge(limitBytes: bodyLimitBytes))
        }
        return .accepted(length == 0 ? .none : .length(length))
    }

    /// The origin form, the absolute form, which a client of a proxy sends and every server must take, or `*` for
    /// `OPTIONS` (RFC 9112 § 3.2). The authority of an absolute form is judged as a `Host` is; nothing goes by either.
    private func isTarget(_ target: UnsafeBufferPointer<UInt8>, of method: UnsafeBufferPointer<UInt8>) -> Bool {
        if target.first == UInt8(ascii: "/") { return true }
        if Self.isSame(target, "*") { return Self.isSame(method, "OPTIONS") }
        guard let authority = TargetForm.authority(of: target) else { return false }
        return !authority.isEmpty && HeadByte.host.containsAll(UnsafeBufferPointer(rebasing: authority))
    }

    private mutating func checkHost(_ value: UnsafeBufferPointer<UInt8>) {
        hostCount += 1
        let host = Self.trimmingEnd(value)
        if host.isEmpty || !HeadByte.host.containsAll(host) { refuse("invalid Host header") }
    }

    private mutating func checkLength(_ value: UnsafeBufferPointer<UInt8>) {
        lengthCount += 1
        guard !value.isEmpty, value.allSatisfy({ (0x30...0x39).contains($0) }) else {
            refuse("invalid Content-Length")
            return
        }
        var total: Int? = 0
        for digit in value {
            guard let so = total else { break }
            let (tens, overflow) = so.multipliedReportingOverflow(by: 10)
            let (sum, carried) = tens.addingReportingOverflow(Int(digit - 0x30))
            total = overflow || carried ? nil : sum
        }
        length = total
    }

    private mutating func checkEncoding(_ value: UnsafeBufferPointer<UInt8>) {
        encodingCount += 1
        // Not even white space behind it: libmicrohttpd would then read until the connection closes.
        if !Self.equals(value, "chunked") { refuse("unsupported Transfer-Encoding") }
    }

    static func isSame(_ bytes: UnsafeBufferPointer<UInt8>, _ text: StaticString) -> Bool {
        guard let start = bytes.baseAddress, bytes.count == text.utf8CodeUnitCount else { return false }
        return memcmp(start, text.utf8Start, bytes.count) == 0
    }

    /// Without regard to case.
    private static func equals(_ bytes: UnsafeBufferPointer<UInt8>, _ lowercase: StaticString) -> Bool {
        guard bytes.count == lowercase.utf8CodeUnitCount else { return false }
        for index in 0..<bytes.count {
            let byte = bytes[index]
            let folded = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
            if folded != lowercase.utf8Start[index] { return false }
        }
        return true
    }

    private static func trimmingEnd(_ value: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        var end = value.count
        while end > 0, value[end - 1] == 0x20 || value[end - 1] == 0x09 { end -= 1 }
        return UnsafeBufferPointer(rebasing: value[..<end])
    }

    private static func hasEncodedNull(_ target: UnsafeBufferPointer<UInt8>) -> Bool {
        guard target.count >= 3 else { return false }
        for index in 0..<(target.count - 2) where target[index] == UInt8(ascii: "%") {
            if target[index + 1] == 0x30, target[index + 2] == 0x30 { return true }
        }
        return false
    }
}
