/// The short name of a service: in gateway configurations, in `access:check:<slug>` and in counters. It never changes.
package struct ServiceSlug: Sendable, Hashable, Comparable, CustomStringConvertible {
    package static let lengths: ClosedRange<Int> = 1...63

    /// Gapura's own API: no service behind the gate has this name.
    package static let gapura = ServiceSlug(checked: "gapura")

    package let text: String

    private init(checked text: String) { self.text = text }

    /// Nil for anything but 1 to 63 lower-case letters, digits, `_` and `-`, the first a letter or a digit.
    package init?(_ text: String) {
        func isLetterOrDigit(_ byte: UInt8) -> Bool {
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
        }
        guard Self.lengths.contains(text.utf8.count), let first = text.utf8.first, isLetterOrDigit(first),
            text.utf8.allSatisfy({ isLetterOrDigit($0) || $0 == 0x5F || $0 == 0x2D })
        else { return nil }
        self.text = text
    }

    package static func < (left: ServiceSlug, right: ServiceSlug) -> Bool { left.text < right.text }

    package var description: String { text }
}
