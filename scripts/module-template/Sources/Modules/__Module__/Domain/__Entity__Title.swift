/// What __a_words__ is called: one line, without blanks at its ends.
package struct __Entity__Title: Sendable {
    /// In Unicode scalars.
    package static let lengths = 1...100

    package let text: String

    /// - Returns: nil if nothing is left without the blanks, or too much, or there are control characters.
    package init?(_ given: String) {
        let blank: Unicode.Scalar = " "
        let scalars = given.unicodeScalars.drop { $0 == blank }
        guard let end = scalars.lastIndex(where: { $0 != blank }) else { return nil }
        let kept = scalars[...end]
        guard Self.lengths.contains(kept.count), kept.allSatisfy({ $0.properties.generalCategory != .control }) else {
            return nil
        }
        text = String(String.UnicodeScalarView(kept))
    }
}

/// Equal byte by byte, as databases compare.
extension __Entity__Title: Equatable {
    package static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }
}
