import FoundationEssentials

/// When a time zone has which offset from UTC, as the IANA database says.
package struct TimeZoneRules: Sendable, Equatable {
    /// `Europe/Berlin`
    package let name: String
    /// Moments in seconds since 1970, ascending.
    private let changes: [Int64]
    /// In seconds, east is positive; one more than changes: the first holds before all of them.
    private let offsets: [Int64]
    /// What holds after the last change; nil: nothing changes any more.
    private let rule: DaylightRule?

    package static let utc = TimeZoneRules(name: "UTC", changes: [], offsets: [0], rule: nil)

    /// Where Linux has the compiled database.
    package static let systemDirectory = "/usr/share/zoneinfo"

    init(name: String, changes: [Int64], offsets: [Int64], rule: DaylightRule?) {
        self.name = name
        self.changes = changes
        self.offsets = offsets
        self.rule = rule
    }

    /// Reads the rules of a zone from the system's database; UTC is there without it.
    ///
    /// - Throws: `TimeZoneError`.
    package init(named name: String, in directory: String = systemDirectory) throws(TimeZoneError) {
        if name == "UTC" || name == "Etc/UTC" {
            self = .utc
            return
        }
        guard Self.isName(name), let bytes = FileManager.default.contents(atPath: "\(directory)/\(name)") else {
            throw .unknown(name)
        }
        guard let file = TimeZoneFile(Array(bytes)) else { throw .unreadable(name) }
        self.init(name: name, changes: file.changes, offsets: file.offsets, rule: file.rule)
    }

    /// Words of letters, digits, `_`, `-` and `+` with slashes between them: no path out of the database.
    private static func isName(_ name: String) -> Bool {
        name.utf8.count <= 64
            && name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { word in
                !word.isEmpty
                    && word.utf8.allSatisfy { byte in
                        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == 0x5F
                            || byte == 0x2D || byte == 0x2B
                    }
            }
    }

    /// In seconds at a moment, which is in seconds since 1970.
    func offset(at moment: Int64) -> Int64 {
        if let rule, moment >= changes.last ?? .min { return rule.offset(at: moment) }
        return offsets[changes.partitionIndex { $0 > moment }]
    }

    /// The first moment after another one at which the offset may change.
    func change(after moment: Int64) -> Int64? {
        let index = changes.partitionIndex { $0 > moment }
        if index < changes.count { return changes[index] }
        return rule?.change(after: moment)
    }

    /// The moment at which the clock on the wall shows a time: the first one if it does so twice; the moment of the
    /// change if the time is left out.
    func firstInstant(ofLocal local: Int64) -> Int64 {
        let before = offset(at: local - CivilDate.secondsOfDay)
        let after = offset(at: local + CivilDate.secondsOfDay)
        let instants = [local - before, local - after].sorted()
        for instant in instants where instant + offset(at: instant) == local { return instant }
        return change(after: instants[0]) ?? instants[0]
    }
}

extension [Int64] {
    /// The index of the first element for which a condition holds, which then holds for all later ones.
    fileprivate func partitionIndex(where holds: (Int64) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
