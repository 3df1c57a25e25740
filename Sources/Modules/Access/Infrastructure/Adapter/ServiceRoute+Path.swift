import AccessDomain
import HTTP

extension ServiceRoute {
    /// A path by which the same prefix is read again: escaped where a path needs it.
    var path: String {
        guard !prefix.isEmpty else { return "/" }
        return prefix.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { PercentCoding.encode(String(decoding: $0, as: UTF8.self)) }.joined(separator: "/")
    }
}
