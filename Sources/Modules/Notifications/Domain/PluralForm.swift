/// Which form of a noun goes with a whole number: the categories of Unicode's plural rules (CLDR, cardinal).
package enum PluralForm: String, Sendable, CaseIterable {
    case one, few, many, other

    /// - Parameters:
    ///   - count: 0 or more.
    ///   - locale: a language tag; only its language counts. A language that is not known here is taken to tell one
    ///     from many, as English does.
    package static func of(_ count: Int, locale: String) -> PluralForm {
        switch locale.prefix(while: { $0 != "-" && $0 != "_" }).lowercased() {
        case "id": .other
        case "ru": russian(count)
        default: count == 1 ? .one : .other
        }
    }

    /// 1, 21, 31 ... but not 11; 2 to 4, 22 to 24 ... but not 12 to 14; all others.
    private static func russian(_ count: Int) -> PluralForm {
        switch (count % 10, count % 100) {
        case (_, 11...14): .many
        case (1, _): .one
        case (2...4, _): .few
        default: .many
        }
    }
}
