import Shared

/// The path of a route: a prefix of whole segments, of which some may be a `{name}` that stands for any one segment.
package struct RoutePath: Sendable, Equatable {
    package enum Segment: Sendable, Equatable {
        /// Decoded.
        case literal(String)
        case parameter(String)
    }

    package enum Refusal: Error, Sendable, Equatable {
        /// No request could ever have this path.
        case path(RequestPath.Refusal)
        /// `*` or `:`, which mean something in other products and nothing here.
        case wildcard
        /// Braces that are not a whole segment `{name}`.
        case braces
        /// `?`
        case query
    }

    /// None for the whole service.
    package let segments: [Segment]

    /// Reads `/notes/{id}/pages`. A slash at the end means nothing. Other characters that have a meaning here are
    /// written as `%2A`, `%3A`, `%7B` and `%7D`.
    package init(_ text: String) throws(Refusal) {
        if text.utf8.contains(UInt8(ascii: "?")) { throw .query }
        do throws(RequestPath.Refusal) { _ = try RequestPath(target: text) } catch { throw .path(error) }
        // By bytes: a slash may be part of a larger character.
        var raw = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst()
        if raw.last?.isEmpty == true { raw.removeLast() }
        var segments: [Segment] = []
        for part in raw { segments.append(try Self.segment(Substring(part))) }
        self.segments = segments
    }

    private static func segment(_ raw: Substring) throws(Refusal) -> Segment {
        var rest = raw.utf8
        if rest.contains(where: { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: ":") }) { throw .wildcard }
        if rest.popFirst() == UInt8(ascii: "{"), rest.popLast() == UInt8(ascii: "}"), isName(rest) {
            return .parameter(String(Substring(rest)))
        }
        if raw.utf8.contains(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") }) { throw .braces }
        do throws(RequestPath.Refusal) {
            let decoded = try RequestPath(target: "/\(raw)").text
            return .literal(String(Substring(decoded.utf8.dropFirst())))
        } catch {
            throw .path(error)
        }
    }

    private static func isName(_ text: Substring.UTF8View) -> Bool {
        (1...32).contains(text.count)
            && text.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// For people: decoded, without a slash at its end; empty for the whole service.
    package var text: String {
        segments.reduce(into: "") { text, segment in
            switch segment {
            case .literal(let name): text += "/" + name
            case .parameter(let name): text += "/{" + name + "}"
            }
        }
    }

    /// Stands for a parameter in a pattern. No path has it: control characters are refused.
    static let anySegment: UInt8 = 0

    /// What a request's path is compared with: the decoded bytes, and `anySegment` for each parameter. Two paths that
    /// differ in the names of their parameters alone have one pattern.
    var pattern: [UInt8] {
        segments.reduce(into: []) { bytes, segment in
            bytes.append(UInt8(ascii: "/"))
            switch segment {
            case .literal(let name): bytes += name.utf8
            case .parameter: bytes.append(Self.anySegment)
            }
        }
    }

    /// Whether this one decides where both cover a request: it has more segments, or the first that differs is a
    /// literal one.
    func isAhead(of other: RoutePath) -> Bool {
        if segments.count != other.segments.count { return segments.count > other.segments.count }
        for (own, others) in zip(segments, other.segments) {
            switch (own, others) {
            case (.literal, .parameter): return true
            case (.parameter, .literal): return false
            default: continue
            }
        }
        return false
    }
}
