import AccessApplication
import AccessContract
import AccessDomain
import Redis
import Shared

/// A draw as the script takes it.
struct QuotaDraw: Sendable {
    enum Mode: UInt8 {
        case take = 0
        case peek = 1
        case reserve = 2
    }

    let draw: Draw
    let plan: QuotaPlan

    var parts: [DrawPart] { plan.parts }
    var group: QuotaGroup { plan.group }
    var places: [QuotaPlace] { plan.places }
    var shape: QuotaShape? { plan.shape }
    private var placeIndices: [Int] { plan.placeIndices }

    /// - Parameter plan: of a draw with these rules, by the same caller at the same service.
    init(_ draw: Draw, _ plan: QuotaPlan) {
        self.draw = draw
        self.plan = plan
    }

    func charge(_ index: Int, _ counter: Counter) -> Charge {
        Charge(counter: counter, rule: draw.rules[parts[index].rule], cost: draw.cost, factor: parts[index].factor)
    }

    /// - Parameters:
    ///   - known: what this process knows of the counters of the parts.
    ///   - healing: how long nothing is counted if one of them was lost.
    func packed(
        _ mode: Mode, isNamed: Bool, moment: QuotaMoment, node: [UInt8], number: UInt64, known: [KnownCounter?],
        healing: Duration
    ) -> [UInt8] {
        var writer = QuotaWriter(reserving: 48 + 40 * parts.count)
        writer.byte(mode.rawValue)
        writer.byte((draw.insists ? 1 : 0) + (isNamed ? 2 : 0))
        writer.long(draw.version)
        writer.long(moment.sent)
        writer.append(node)
        writer.amount(Int(number))
        writer.months(moment.now)
        writer.count(Int(healing.wholeMilliseconds))
        writer.byte(UInt8(parts.count))
        for (index, part) in parts.enumerated() {
            let counter = known[index]?.counter ?? Counter(window: part.id.unit.window.window(at: moment.now))
            let charge = charge(index, counter)
            writer.byte(UInt8(placeIndices[index] + 1))
            writer.byte(UInt8(part.id.unit.rawValue))
            writer.byte(charge.kind)
            writer.amount(charge.amount)
            writer.amount(charge.isLimited ? charge.limit : QuotaWriter.amountMax)
            writer.seconds(counter.window.end)
            writer.amount(known[index]?.confirmed ?? 0)
            writer.generation(known[index]?.epoch.generation ?? 0)
            // A key goes when all its windows are over, so only an open one shows that it was lost.
            writer.amount(counter.window.isOver(at: moment.now) ? 0 : known[index]?.epoch.made ?? 0)
        }
        return writer.bytes
    }

    /// What the straight way of its shape's script takes beside: empty if this process knows nothing that goes there.
    func straight(moment: QuotaMoment, node: [UInt8], number: UInt64, known: [KnownCounter?]) -> [UInt8] {
        var epochs = [QuotaEpoch](repeating: QuotaEpoch(), count: places.count)
        for (index, place) in placeIndices.enumerated() {
            guard let known = known[index] else { continue }
            epochs[place].generation = max(epochs[place].generation, known.epoch.generation)
            if known.epoch.made == 0 || known.counter.window.isOver(at: moment.now) { continue }
            // One of them is of a key that was lost.
            if epochs[place].made != 0, epochs[place].made != known.epoch.made { return [] }
            epochs[place].made = known.epoch.made
        }
        var writer = QuotaWriter(reserving: 40 + 10 * places.count + 16 * parts.count)
        writer.long(draw.version)
        writer.long(moment.sent)
        writer.append(node)
        writer.amount(Int(number))
        writer.seconds(WindowUnit.month.window(at: moment.now).end)
        writer.amount(draw.cost)
        for epoch in epochs {
            writer.generation(epoch.generation)
            writer.amount(epoch.made)
        }
        for (index, part) in parts.enumerated() {
            let limit = plan.limits[index]
            writer.seconds(known[index]?.counter.window.end ?? part.id.unit.window.window(at: moment.now).end)
            writer.amount(known[index]?.confirmed ?? 0)
            if limit != Limit.unlimited { writer.amount(limit) }
        }
        return writer.bytes
    }

    /// - Returns: nil for anything that the script does not answer.
    func answer(_ bytes: [UInt8], _ mode: Mode) -> QuotaAnswer? {
        var reader = QuotaReader(bytes)
        guard let verdict = reader.byte(), let time = reader.long() else { return nil }
        switch verdict {
        case 2: return .outdated
        case 3: return .overtaken
        case 6, 7: return straightAnswer(bytes, isAllowed: verdict == 6, at: Timestamp(milliseconds: time))
        default: break
        }
        var charges: [Charge] = []
        var epochs: [QuotaEpoch] = []
        for (index, part) in parts.enumerated() {
            guard let end = reader.end(), let used = reader.amount(), let reserved = reader.amount(),
                let threshold = reader.amount(), let exhaustion = reader.amount(), let generation = reader.generation(),
                let made = reader.amount()
            else { return nil }
            let counter = Counter(
                window: part.id.unit.window.window(at: end - .milliseconds(1)), used: used, reserved: reserved,
                thresholdToldFor: threshold, exhaustionToldFor: exhaustion)
            charges.append(charge(index, counter))
            epochs.append(QuotaEpoch(generation: generation, made: made))
        }
        let now = Timestamp(milliseconds: time)
        if verdict == 4 { return .repeated(charges, at: now, epochs) }
        if verdict == 5 {
            return reader.count().map { .healing(charges, at: now, epochs, wait: .milliseconds($0)) }
        }
        let outcome = mode == .reserve ? charges.reserve() : charges.take()
        // What the domain decides on these counters is what the script did.
        guard outcome.isAllowed == (verdict == 1) else { return nil }
        return .decided(outcome, charges, at: now, epochs)
    }

    /// The straight way answers with a piece of each key as it was: windows that are over have been opened anew.
    private func straightAnswer(_ bytes: [UInt8], isAllowed: Bool, at now: Timestamp) -> QuotaAnswer? {
        guard let shape else { return nil }
        var starts: [Int] = []
        var end = 9
        for place in places.indices {
            starts.append(end)
            end += shape.answered(place + 1)
        }
        guard end == bytes.count else { return nil }
        var charges: [Charge] = []
        var epochs: [QuotaEpoch] = []
        charges.reserveCapacity(parts.count)
        epochs.reserveCapacity(parts.count)
        for (index, part) in parts.enumerated() {
            let start = starts[placeIndices[index]]
            var head = QuotaReader(bytes, after: start)
            guard let generation = head.generation(), head.byte() != nil, let made = head.amount() else { return nil }
            var slot = QuotaReader(bytes, after: start + 17 + 28 * part.id.unit.rawValue)
            guard let end = slot.end(), let used = slot.amount(), let reserved = slot.amount(),
                let threshold = slot.amount(), let exhaustion = slot.amount()
            else { return nil }
            let window = part.id.unit.window
            let counter =
                end <= now
                ? Counter(window: window.window(at: now))
                : Counter(
                    window: window.window(at: end - .milliseconds(1)), used: used, reserved: reserved,
                    thresholdToldFor: threshold, exhaustionToldFor: exhaustion)
            charges.append(charge(index, counter))
            epochs.append(QuotaEpoch(generation: generation, made: made))
        }
        let outcome = charges.take()
        guard outcome.isAllowed == isAllowed else { return nil }
        return .decided(outcome, charges, at: now, epochs)
    }
}

/// What a key of Redis was when it was heard.
struct QuotaEpoch: Sendable, Equatable {
    /// Goes up when something is taken back.
    var generation: UInt32 = 0
    /// When it was made, in milliseconds of the server's clock; 0: not known.
    var made = 0
}

enum QuotaAnswer {
    /// The counters are those after the draw.
    case decided(ChargeOutcome, [Charge], at: Timestamp, [QuotaEpoch])
    /// It was counted before, under its name.
    case repeated([Charge], at: Timestamp, [QuotaEpoch])
    /// The server lost a counter and nothing was counted: for so long it takes what every process saw last.
    case healing([Charge], at: Timestamp, [QuotaEpoch], wait: Duration)
    /// A newer entitlement is known.
    case outdated
    /// A later draw of this process came first, so that this one was not counted.
    case overtaken
}

/// When a call is made.
struct QuotaMoment: Sendable {
    /// By the server's clock, as far as it is known here.
    let now: Timestamp
    /// What the server takes for now, in milliseconds; 0: its own clock.
    let sent: Int64
}

extension Charge {
    fileprivate var kind: UInt8 {
        (isLimited ? isSoft ? QuotaScripts.soft : QuotaScripts.hard : 0) + (isBurst ? QuotaScripts.burst : 0)
    }
}

extension QuotaWriter {
    /// When this month ends, and the next.
    mutating func months(_ now: Timestamp) {
        let month = WindowUnit.month.window(at: now)
        seconds(month.end)
        seconds(WindowUnit.month.window(at: month.end).end)
    }
}
