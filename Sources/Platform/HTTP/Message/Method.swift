/// A request method (RFC 9110 § 9). What Gapura does not serve is `other`.
package enum Method: String, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"
    case other = ""

    package init(name: String) {
        self = Method(rawValue: name) ?? .other
    }

    /// Whether it promises to change nothing (RFC 9110 § 9.2.1).
    package var isSafe: Bool { self == .get || self == .head || self == .options }
}
