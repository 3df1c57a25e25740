import Shared

extension Request {
    /// The language that the reader prefers (RFC 9110 § 12.5.4) among those that there are; the first of them if none
    /// is wanted.
    ///
    /// - Parameter offered: languages without a region, at least one.
    package func language(among offered: [String]) -> String {
        let ranges = headers.all("accept-language").flatMap { $0.split(separator: ",") }.prefix(32)
        var best: (language: String, quality: Double)?
        for range in ranges {
            let parts = range.split(separator: ";").map { part in String(part.filter { $0 != " " && $0 != "\t" }) }
            guard let tag = parts.first?.lowercased() else { continue }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            guard let language = offered.first(where: { tag == $0 || tag.hasPrefix("\($0)-") }) else { continue }
            // Of two that are wanted alike the one that is named first.
            if quality > 0, quality > best?.quality ?? 0 { best = (language, quality) }
        }
        return best?.language ?? offered[0]
    }
}
