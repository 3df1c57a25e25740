/// From which counters a draw takes, and how: what its script is made for.
///
/// Most draws find their counters whole, change what is used of each, and nothing else. For these the script of a shape
/// begins with a straight way, without a loop, a table or a function, which decides, writes what changes in place and
/// leaves each key's end as it is. Whatever else there is to do, it goes on to the script for all draws, before anything
/// was written.
struct QuotaShape: Hashable, Sendable {
    /// How a counter is charged.
    struct Part: Sendable {
        /// Which of the draw's keys, from 1.
        let key: Int
        /// The slot in the key's value.
        let unit: Int
        let isLimited: Bool
        let isSoft: Bool
        var isBurst: Bool { unit >= 4 }
    }

    /// The most counters.
    private static let partsMax = 16
    /// The most values at a time: Lua has 200 local ones.
    private static let localsMax = 170
    /// Seconds of a window, by its slot; months differ.
    private static let lengths = [1, 60, 86_400, 0, 1, 60]
    private static let month = 3

    /// A byte for each part.
    private var code: UInt128 = 0
    private var count = 0

    /// - Parameter parts: in the order of the draw.
    /// - Returns: nil if a counter is charged twice, or there are too many for a script of their own.
    init?(_ parts: some Sequence<Part>) {
        var seen: UInt64 = 0
        for part in parts {
            guard count < Self.partsMax, part.key <= 7 else { return nil }
            let slot: UInt64 = 1 << UInt64(part.key << 3 | part.unit)
            guard seen & slot == 0 else { return nil }
            seen |= slot
            let byte = part.key << 5 | part.unit << 2 | (part.isLimited ? 2 : 0) | (part.isSoft ? 1 : 0)
            code |= UInt128(byte) << UInt128(8 * count)
            count += 1
        }
        guard count > 0, localsCount <= Self.localsMax else { return nil }
    }

    private var parts: [Part] {
        (0..<count).map { index in
            let byte = Int(truncatingIfNeeded: code >> UInt128(8 * index))
            return Part(key: byte >> 5 & 7, unit: byte >> 2 & 7, isLimited: byte & 2 != 0, isSoft: byte & 1 != 0)
        }
    }

    private var keysCount: Int { parts.reduce(1) { max($0, $1.key) } }

    private var localsCount: Int {
        let slots = (1...keysCount).reduce(0) { $0 + (units(of: $1)?.count ?? 0) }
        return 20 + 8 * keysCount + 4 * count + 5 * slots
    }

    /// The slots that are read of a key, and those between them.
    private func units(of key: Int) -> ClosedRange<Int>? {
        let units = parts.filter { $0.key == key }.map(\.unit)
        guard let first = units.min(), let last = units.max() else { return nil }
        return first...last
    }

    // MARK: The script

    /// - Parameter skew: how many milliseconds a process's clock may be ahead.
    /// - Returns: Lua that goes before the script for all draws. It takes `QuotaDraw.straight` as ARGV[3].
    func script(skew: Int64) -> String {
        let all = 1...keysCount
        return [
            "local U, P, S, q = struct.unpack, struct.pack, string.sub, ARGV[3]",
            // Left by `break`.
            "if q ~= '' then repeat",
            "local values = redis.call('MGET', \(all.map { "KEYS[\($0)]" }.joined(separator: ", ")))",
            "local \(list(all) { "v\($0)" }) = \(list(all) { "values[\($0)]" })",
            "if not (\(all.map { "v\($0)" }.joined(separator: " and "))) then break end",
            question(all), all.map { reading($0) }.joined(separator: "\n"), clock(all, skew),
            all.map { whole($0) }.joined(separator: "\n"), node,
            parts.indices.map { window($0) }.joined(separator: "\n"), decision(all), writing(all),
            "return P('>BI8', 6, now) .. \(answer(all))", "until true end\n",
        ].joined(separator: "\n")
    }

    private func list(_ keys: ClosedRange<Int>, _ name: (Int) -> String) -> String {
        keys.map(name).joined(separator: ", ")
    }

    /// What the process knows and asks.
    private func question(_ keys: ClosedRange<Int>) -> String {
        var names = ["version", "now", "node", "seq", "m2", "cost"]
        var format = ">I8I8c8I6I4I6"
        for key in keys {
            names += ["g\(key)", "b\(key)"]
            format += "I4I6"
        }
        for (index, part) in parts.enumerated() {
            names += ["k\(index)", "f\(index)"] + (part.isLimited ? ["l\(index)"] : [])
            format += part.isLimited ? "I4I6I6" : "I4I6"
        }
        return "local \(names.joined(separator: ", ")) = U('\(format)', q)"
    }

    private func reading(_ key: Int) -> String {
        let head =
            key == 1
            ? "local s1, y1, c1, o1, h1 = U('>I8I4BI6I6', v1)"
            : "local y\(key), o\(key), h\(key) = U('>I4xI6I6', v\(key), 9)"
        guard let units = units(of: key) else { return head }
        let fields = units.flatMap { Self.slot(key, $0) }
        let names = fields.map(\.name).joined(separator: ", ")
        return "\(head)\nlocal \(names) = U('>\(fields.map(\.format).joined())', v\(key), \(fields[0].at))"
    }

    private typealias Field = (name: String, format: String, at: Int, width: Int)

    private static func slot(_ key: Int, _ unit: Int) -> [Field] {
        let at = 26 + 28 * unit
        let name = "\(key)_\(unit)"
        return [
            ("e\(name)", "I4", at, 4), ("u\(name)", "I6", at + 4, 6), ("r\(name)", "I6", at + 10, 6),
            ("t\(name)", "I6", at + 16, 6), ("x\(name)", "I6", at + 22, 6),
        ]
    }

    private func clock(_ keys: ClosedRange<Int>, _ skew: Int64) -> String {
        """
        if now == 0 then
        local time = redis.call('TIME')
        local rest = time[2] % 1000
        now = time[1] * 1000 + (time[2] - rest) / 1000
        elseif \(keys.map { "h\($0) > 0" }.joined(separator: " or ")) then break end
        local soon = now + \(skew)
        if s1 ~= version then break end
        """
    }

    /// A key that is lost, heals, or is behind what was heard of it; or whose end moves.
    private func whole(_ key: Int) -> String {
        var text =
            "if o\(key) == 0 or h\(key) > now or g\(key) > y\(key) or b\(key) > 0 and b\(key) ~= o\(key) then break end"
        if !parts.contains(where: { $0.key == key && !Self.opensAnew($0.unit) }) {
            text += "\nif U('>I4', v\(key), 82) * 1000 <= now and U('>I4', v\(key), 110) * 1000 <= now then break end"
        }
        return text
    }

    /// The process that counted last stands at the end.
    private var node: String {
        """
        local from = 194 + 17 * c1
        local at = #v1 - 13
        if at < from or S(v1, at, at + 7) ~= node then
        at = string.find(v1, node, from, true)
        if not at or (at - from) % 14 ~= 0 then break end
        end
        if U('>I6', v1, at + 8) >= seq then break end
        """
    }

    /// Whether a window is so short that the next one is opened here too.
    private static func opensAnew(_ unit: Int) -> Bool { unit != 2 && unit != month }

    private func window(_ index: Int) -> String {
        let part = parts[index]
        let slot = "\(part.key)_\(part.unit)"
        let length = Self.lengths[part.unit]
        var text: String
        if part.unit == Self.month {
            text = "if e\(slot) * 1000 <= now or e\(slot) > m2 then break end"
        } else if Self.opensAnew(part.unit) {
            text = """
                if e\(slot) * 1000 <= now then
                if r\(slot) > 0 then break end
                e\(slot), u\(slot), t\(slot), x\(slot) = (now - now % \(length * 1_000)) / 1000 + \(length), 0, 0, 0
                elseif (e\(slot) - \(length)) * 1000 > soon then break end
                """
        } else {
            text = "if e\(slot) * 1000 <= now or (e\(slot) - \(length)) * 1000 > soon then break end"
        }
        return text
            + "\nif g\(part.key) == y\(part.key) and (k\(index) > e\(slot) or k\(index) == e\(slot) and f\(index) > u\(slot))"
            + " then break end"
    }

    private func decision(_ keys: ClosedRange<Int>) -> String {
        var lines: [String] = []
        for (index, part) in parts.enumerated() where part.isLimited {
            let slot = "\(part.key)_\(part.unit)"
            lines.append("local w\(index) = l\(index) - u\(slot) - r\(slot) - \(part.isBurst ? "1" : "cost")")
        }
        func lacks(_ index: Int) -> String {
            parts[index].isBurst ? "w\(index) < 0" : "w\(index) < 0 and cost > 0"
        }
        let limited = parts.indices.filter { parts[$0].isLimited }
        let hard = limited.filter { !parts[$0].isSoft }
        // What is told for the first time is written by the script for all.
        if !hard.isEmpty {
            lines.append("if \(hard.map(lacks).joined(separator: " or ")) then")
            for index in hard where !parts[index].isBurst {
                let slot = "\(parts[index].key)_\(parts[index].unit)"
                lines.append("if \(lacks(index)) and l\(index) > x\(slot) then break end")
            }
            lines.append("return P('>BI8', 7, now) .. \(answer(keys))\nend")
        }
        for index in limited where !parts[index].isBurst {
            let (slot, w, l) = ("\(parts[index].key)_\(parts[index].unit)", "w\(index)", "l\(index)")
            lines.append("if \(w) <= 0 then")
            lines.append("if \(l) > x\(slot) then break end")
            lines.append("elseif \(l) > t\(slot) and \(w) <= (\(l) - \(l) % 5) / 5 then break end")
        }
        return lines.joined(separator: "\n")
    }

    private func writing(_ keys: ClosedRange<Int>) -> String {
        keys.compactMap { key in
            var offset = 193
            var piece = ""
            if let units = units(of: key) {
                let fields = written(key, units)
                let values = fields.map { field in
                    parts.first { field.name == "u\($0.key)_\($0.unit)" }
                        .map { "\(field.name) + \($0.isBurst ? "1" : "cost")" } ?? field.name
                }
                offset = fields[0].at - 1
                piece = "P('>\(fields.map(\.format).joined())', \(values.joined(separator: ", ")))"
                if key == 1 {
                    piece += " .. S(v1, \(fields[fields.count - 1].at + fields[fields.count - 1].width), at - 1)"
                }
            } else if key == 1 {
                piece = "S(v1, 194, at - 1)"
            } else {
                return nil
            }
            if key == 1 { piece += " .. S(v1, at + 14) .. S(q, 17, 30)" }
            return "redis.call('SETRANGE', KEYS[\(key)], '\(offset)', \(piece))"
        }.joined(separator: "\n")
    }

    /// From the first that can change to the last.
    private func written(_ key: Int, _ units: ClosedRange<Int>) -> ArraySlice<Field> {
        var fields = units.flatMap { Self.slot(key, $0) }[...]
        if !Self.opensAnew(units.lowerBound) { fields = fields.dropFirst() }
        if !Self.opensAnew(units.upperBound) { fields = fields.dropLast(3) }
        return ArraySlice(Array(fields))
    }

    private func answer(_ keys: ClosedRange<Int>) -> String {
        keys.compactMap { key in units(of: key).map { "S(v\(key), 9, \(53 + 28 * $0.upperBound))" } }
            .joined(separator: " .. ")
    }

    /// How many bytes of each key's value the answer has, from the ninth.
    func answered(_ key: Int) -> Int { units(of: key).map { 45 + 28 * $0.upperBound } ?? 0 }
}
