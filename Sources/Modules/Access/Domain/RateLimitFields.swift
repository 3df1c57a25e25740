import Shared

/// The header fields `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11, 23 May 2026,
/// § 3 and 4): each a list of structured fields (RFC 9651) with one item, the limit that binds.
package struct RateLimitFields: Sendable, Equatable {
    /// The largest integer of structured fields (RFC 9651 § 3.3.1).
    package static let integerMax = 999_999_999_999_999

    private let binding: BindingLimit
    private let now: Timestamp

    /// - Parameter binding: its policy's name has neither quotes nor backslashes.
    package init(_ binding: BindingLimit, at now: Timestamp) {
        self.binding = binding
        self.now = now
    }

    /// `"day";q=50;w=86400`: the amount, and the length of the window in seconds.
    package var policy: String {
        var text: [UInt8] = []
        appendPolicy(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// `"day";r=12;t=3600`: what is left, and for how many seconds it has to do.
    package var limit: String {
        var text: [UInt8] = []
        appendLimit(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// For callers that write a whole answer into one buffer.
    package func appendPolicy(to text: inout [UInt8]) {
        appendName(to: &text)
        append(";q=", binding.limit, to: &text)
        append(";w=", binding.window.seconds, to: &text)
    }

    package func appendLimit(to text: inout [UInt8]) {
        appendName(to: &text)
        append(";r=", binding.remaining, to: &text)
        append(";t=", binding.window.secondsLeft(at: now), to: &text)
    }

    private func appendName(to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        text.append(contentsOf: binding.policy.utf8)
        text.append(UInt8(ascii: "\""))
    }

    private func append(_ name: StaticString, _ value: Int, to text: inout [UInt8]) {
        name.withUTF8Buffer { text.append(contentsOf: $0) }
        let number = min(max(value, 0), Self.integerMax)
        var place = 1
        while number / place >= 10 { place *= 10 }
        while place > 0 {
            text.append(UInt8(ascii: "0") + UInt8(number / place % 10))
            place /= 10
        }
    }
}
