/// A route's path: `/me/sessions/{id}`.
package struct PathTemplate: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    package enum Segment: Sendable, Hashable {
        case constant(String)
        case placeholder(String)
    }

    package let description: String
    package let segments: [Segment]

    package init(stringLiteral text: String) {
        description = text
        segments = text.split(separator: "/").map { part in
            part.first == "{" && part.last == "}"
                ? .placeholder(String(part.dropFirst().dropLast())) : .constant(String(part))
        }
    }

    package var placeholders: [String] {
        segments.compactMap { if case .placeholder(let name) = $0 { name } else { nil } }
    }

    package var isConstant: Bool { placeholders.isEmpty }
}
