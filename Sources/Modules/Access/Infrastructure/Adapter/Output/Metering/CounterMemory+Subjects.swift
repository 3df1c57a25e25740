import AccessContract
import AccessDomain
import Shared

/// Which subjects are known: as many as are used, up to a bound.
extension CounterMemory {
    /// How long somebody is remembered who does nothing.
    private static let idleAfter: Duration = .seconds(600)
    /// How many are looked at for one to let go.
    private static let sample = 16
    /// How many are looked at on each tick of the journal.
    private static let round = 256

    /// - Parameter subject: nil if only the digest of a network is known.
    /// - Returns: whether the subject is known; a network may be known by its digest until now.
    mutating func recognize(_ key: SubjectKey, as subject: MeterSubject?) -> Bool {
        guard let entry = indicesByKey[key] else { return false }
        if let subject, entries[entry].subject == nil {
            entries[entry].subject = subject
            indices[subject] = entry
        }
        return true
    }

    /// Takes somebody in with what the store has of him.
    ///
    /// - Returns: false if there is no place, because nobody can go before he is written.
    mutating func install(
        _ key: SubjectKey, _ subject: MeterSubject?, _ records: [CounterRecord], at now: Timestamp
    ) -> Bool {
        if recognize(key, as: subject) { return true }
        if count >= subjectsMax { letOneGo(at: now) }
        guard count < 2 * subjectsMax else { return false }
        var entry = MeteredEntry(key, subject, at: now)
        for record in records { entry.add(record, at: now) }
        let place = vacant.popLast() ?? entries.count
        if place == entries.count { entries.append(entry) } else { entries[place] = entry }
        indicesByKey[key] = place
        if let subject { indices[subject] = place }
        return true
    }

    /// The least used of a few. A flood of subjects that come once so lets itself go, and not those who come often.
    private mutating func letOneGo(at now: Timestamp) {
        var least: Int?
        for _ in 0..<min(Self.sample, entries.count) {
            let entry = advance()
            if entries[entry].canGo(at: now), least.map({ isLess(entry, than: $0) }) ?? true { least = entry }
            entries[entry].uses /= 2
        }
        if let least { remove(least) }
    }

    private func isLess(_ left: Int, than right: Int) -> Bool {
        (entries[left].uses, entries[left].lastUse) < (entries[right].uses, entries[right].lastUse)
    }

    /// A part of the round: forgets who did nothing for a while, and who is too many.
    mutating func tidy(at now: Timestamp) {
        for _ in 0..<min(Self.round, entries.count) {
            let entry = advance()
            guard !entries[entry].isVacant, !entries[entry].isInFlight else { continue }
            entries[entry].tidy(at: now)
            let isIdle = entries[entry].lastUse + Self.idleAfter <= now || count > subjectsMax
            if isIdle, entries[entry].canGo(at: now) { remove(entry) }
        }
    }

    private mutating func advance() -> Int {
        hand = hand + 1 < entries.count ? hand + 1 : 0
        return hand
    }

    private mutating func remove(_ entry: Int) {
        if let subject = entries[entry].subject { indices[subject] = nil }
        indicesByKey[entries[entry].key] = nil
        entries[entry].isVacant = true
        entries[entry].open = []
        entries[entry].closed = []
        vacant.append(entry)
    }
}
