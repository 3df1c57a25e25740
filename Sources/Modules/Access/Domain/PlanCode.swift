/// A plan's name in data: `free`. 1 to 63 lower-case letters, digits, `_` and `-`.
package struct PlanCode: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    /// Nobody signed in.
    package static let anonymous = PlanCode(checked: "anonymous")
    /// Signed in, no subscription.
    package static let free = PlanCode(checked: "free")
    package static let pro = PlanCode(checked: "pro")
    package static let enterprise = PlanCode(checked: "enterprise")

    private init(checked text: String) { self.text = text }

    package init?(_ text: String) {
        guard (1...63).contains(text.utf8.count),
            text.utf8.allSatisfy({
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2D
            })
        else { return nil }
        self.text = text
    }

    package var description: String { text }
}
