/// A right: `resource:action`, with `*` for any in either place, or `resource:action:target` for one thing only
/// (`access:check:cvmaker`). Without a target it is for all of them, as in Apache Shiro's wildcard permissions.
package struct Permission: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Of each part, in bytes: lower-case letters, digits, `_`, `-` and `.`; the first is a letter or a digit.
    package static let partLengths: ClosedRange<Int> = 1...63
    package static let any = Permission(parts: Part.any, Part.any, nil)

    /// A piece of the text with a number that tells most others apart without a look at the bytes.
    struct Part: Sendable, Hashable {
        let text: String
        let key: UInt64

        static let any = Part(checked: "*")

        init?(_ text: Substring) {
            guard text == "*" || Part.isName(text.utf8) else { return nil }
            self.init(checked: String(text))
        }

        private init(checked text: String) {
            self.text = text
            // FNV-1a: equal keys are followed by a comparison of the texts.
            key = text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        }

        var isAny: Bool { key == Part.any.key && text == "*" }

        func covers(_ other: Part) -> Bool { isAny || self == other }

        static func == (left: Part, right: Part) -> Bool { left.key == right.key && left.text == right.text }

        private static func isName(_ bytes: Substring.UTF8View) -> Bool {
            guard Permission.partLengths.contains(bytes.count), let first = bytes.first, isLetterOrDigit(first) else {
                return false
            }
            return bytes.allSatisfy { isLetterOrDigit($0) || $0 == 0x5F || $0 == 0x2D || $0 == 0x2E }
        }

        private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
        }
    }

    let resource: Part
    let action: Part
    /// Nil for every thing of the resource.
    let target: Part?

    private init(parts resource: Part, _ action: Part, _ target: Part?) {
        self.resource = resource
        self.action = action
        self.target = target
    }

    /// Nil for anything else than two or three parts; the third is never `*`, which says the same as none.
    package init?(_ text: String) {
        guard text.utf8.count <= 3 * Self.partLengths.upperBound + 2 else { return nil }
        let parts = text.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), let resource = Part(parts[0]), let action = Part(parts[1]) else {
            return nil
        }
        var target: Part?
        if parts.count == 3 {
            guard let part = Part(parts[2]), !part.isAny else { return nil }
            target = part
        }
        self.init(parts: resource, action, target)
    }

    func isOf(action name: String) -> Bool { action.text == name }

    /// Whether it stands for more than one resource or action.
    var hasWildcard: Bool { resource.isAny || action.isAny }

    /// Whether who has this has the other too. The other may have `*` itself.
    package func grants(_ other: Permission) -> Bool {
        guard resource.covers(other.resource), action.covers(other.action) else { return false }
        guard let target else { return true }
        return target == other.target
    }

    /// The keys alone: what they tell apart is apart, what they do not is looked at again.
    struct Outline: Sendable {
        private static let any: UInt64 = 0

        private let resource: UInt64
        private let action: UInt64
        private let target: UInt64

        init(_ permission: Permission) {
            resource = permission.resource.isAny ? Self.any : permission.resource.key
            action = permission.action.isAny ? Self.any : permission.action.key
            target = permission.target?.key ?? Self.any
        }

        func mayGrant(_ other: Permission) -> Bool {
            (resource == Self.any || resource == other.resource.key)
                && (action == Self.any || action == other.action.key)
                && (target == Self.any || target == other.target?.key)
        }
    }

    /// What both grant; nil if nothing.
    package func intersection(_ other: Permission) -> Permission? {
        guard let resource = Self.narrower(resource, other.resource),
            let action = Self.narrower(action, other.action),
            target == nil || other.target == nil || target == other.target
        else { return nil }
        return Permission(parts: resource, action, target ?? other.target)
    }

    private static func narrower(_ left: Part, _ right: Part) -> Part? {
        left.covers(right) ? right : right.covers(left) ? left : nil
    }

    package static func < (left: Permission, right: Permission) -> Bool { left.description < right.description }

    package var description: String {
        target.map { "\(resource.text):\(action.text):\($0.text)" } ?? "\(resource.text):\(action.text)"
    }
}
