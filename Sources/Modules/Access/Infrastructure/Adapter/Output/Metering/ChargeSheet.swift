import AccessApplication
import AccessContract
import AccessDomain
import Shared

/// One counter of a draw.
struct DrawPart: Sendable {
    let id: CounterID
    /// Its index in the draw's rules.
    let rule: Int
    let factor: Int
}

extension Draw {
    /// From which counters it takes: for each share of the drawer those of the rules, then the bursts.
    func parts(_ keys: SubjectKeys) -> [DrawPart] {
        var parts: [DrawPart] = []
        func add(_ subject: SubjectKey, _ rule: Int, factor: Int) {
            let id = CounterID(subject: subject, service: service(of: rules[rule]), unit: CounterUnit(rules[rule]))
            parts.append(DrawPart(id: id, rule: rule, factor: factor))
        }
        for number in 0..<shareCount {
            let share = share(number)
            let subject = keys.key(of: share.subject)
            for rule in rules.indices where !rules[rule].isBurst { add(subject, rule, factor: share.factor) }
        }
        for rule in rules.indices where rules[rule].isBurst {
            add(keys.key(of: burstSubject), rule, factor: 1)
        }
        return parts
    }
}

/// The charges of a draw over counters that were read from a table.
struct ChargeSheet {
    let draw: Draw
    let parts: [DrawPart]
    var charges: [Charge]
    /// What a clock that was ahead has counted in windows to come: it is forgotten, or it would be used up then.
    private let forgotten: [CounterRecord]

    init(_ draw: Draw, _ parts: [DrawPart], in table: SQLCounterTable, at now: Timestamp) throws {
        self.draw = draw
        self.parts = parts
        let (records, ahead) = try table.openAndAhead(of: parts.map(\.id.subject), service: draw.service, at: now)
        forgotten = ahead.map { CounterRecord(id: $0.id, counter: $0.counter.forgotten) }
        let known = Dictionary(records.map { ($0.id, $0.counter) }) { $1 }
        charges = parts.map { part in
            Charge(
                counter: known[part.id] ?? Counter(window: part.id.unit.window.window(at: now)),
                rule: draw.rules[part.rule], cost: draw.cost, factor: part.factor)
        }
    }

    /// What is to be written: everything, or after a refusal that of which something is told.
    func changed(_ outcome: ChargeOutcome) -> [CounterRecord] {
        forgotten
            + charges.indices.filter { outcome.isAllowed || charges[$0].news != nil }.map {
                CounterRecord(id: parts[$0].id, counter: charges[$0].counter)
            }
    }

    func answer(_ outcome: ChargeOutcome, tellsNews: Bool = true) -> DrawOutcome {
        DrawOutcome(outcome, charges, tellsNews: tellsNews) { draw.rules[parts[$0].rule] }
    }

    /// The counters in which a reservation is set aside.
    var holds: [StoredReservation.Hold] {
        charges.indices.filter { !charges[$0].isBurst }.map { index in
            let charge = charges[index]
            return StoredReservation.Hold(
                id: parts[index].id, window: charge.counter.window, limit: charge.limit, isSoft: charge.isSoft,
                policy: draw.rules[parts[index].rule].policy)
        }
    }
}
