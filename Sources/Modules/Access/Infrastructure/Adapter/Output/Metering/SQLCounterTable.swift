import AccessContract
import AccessDomain
import SQL
import Shared

/// The rows of `usage_counters`, inside a unit of work.
struct SQLCounterTable {
    let transaction: any SQLTransaction

    /// In the place of a service: all of them together.
    static let allServices = Identifier(high: 0, low: 0)
    /// So many rows go into one statement.
    private static let chunk = 50
    private static let columns: Statement = """
        subject, service_id, unit, window_start, window_end, used, reserved, threshold_told_for, exhaustion_told_for
        """

    /// Nobody else draws from these subjects until this work ends. Always in one order, so that two draws never wait
    /// for each other; by name, for a counter may not have a row yet.
    func lock(_ subjects: some Collection<SubjectKey>) throws {
        for subject in Set(subjects).sorted() {
            try transaction.lock(name: "access meter " + Hex.encode(subject.bytes))
        }
    }

    /// The counters whose windows are not over: of each the newest window, also if the clock went back behind it a
    /// little.
    ///
    /// - Parameter service: leaves the counters of other services out; nil for all of them.
    func open(
        of subjects: some Collection<SubjectKey>, service: ServiceID? = nil, at now: Timestamp
    ) throws -> [CounterRecord] {
        Self.newest(try unended(of: subjects, service: service, at: now).filter { !$0.counter.window.isOver(at: now) })
    }

    /// As `open`, and beside them those that a clock which was ahead has opened and counted in.
    func openAndAhead(
        of subjects: some Collection<SubjectKey>, service: ServiceID, at now: Timestamp
    ) throws -> (open: [CounterRecord], ahead: [CounterRecord]) {
        let found = try unended(of: subjects, service: service, at: now)
        return (
            Self.newest(found.filter { !$0.counter.window.isOver(at: now) }),
            found.filter { $0.counter.window.isOver(at: now) && $0.counter.used > 0 }
        )
    }

    private func unended(
        of subjects: some Collection<SubjectKey>, service: ServiceID?, at now: Timestamp
    ) throws -> [CounterRecord] {
        let keys = Set(subjects).map(\.bytes)
        if keys.isEmpty { return [] }
        var condition: Statement = "subject IN (\(list: keys)) AND window_end > \(now)"
        if let service {
            condition = "\(condition) AND service_id IN (\(list: [Self.allServices, service.value]))"
        }
        return try query("\(condition) ORDER BY window_end")
    }

    private static func newest(_ rows: [CounterRecord]) -> [CounterRecord] {
        Array(Dictionary(rows.map { ($0.id, $0) }) { $1 }.values)
    }

    /// As `open`, and those of windows that are over in which something is still set aside.
    func all(of subject: SubjectKey, at now: Timestamp) throws -> [CounterRecord] {
        let ofSubject: Statement = "subject = \(subject.bytes)"
        return try query("\(ofSubject) AND window_end > \(now) ORDER BY window_end")
            + query("\(ofSubject) AND reserved > 0 AND window_end <= \(now)")
    }

    /// - Returns: the counters of a reservation, as far as they are still there.
    func held(by holds: [StoredReservation.Hold]) throws -> [CounterRecord] {
        guard !holds.isEmpty else { return [] }
        let conditions = holds.map { hold -> Statement in
            """
            (subject = \(hold.id.subject.bytes) AND window_end = \(hold.window.end)
                AND service_id = \(Self.column(hold.id.service)) AND unit = \(hold.id.unit.rawValue))
            """
        }
        return try query(conditions.joined(by: " OR "))
    }

    /// Writes counters as they are, whatever was there.
    func save(_ records: [CounterRecord]) throws {
        for start in stride(from: 0, to: records.count, by: Self.chunk) {
            try transaction.submit(Self.upsert(records[start..<min(start + Self.chunk, records.count)]))
        }
    }

    /// Appended value by value: a journal writes thousands of rows, and statements made of statements are copied.
    private static func upsert(_ records: ArraySlice<CounterRecord>) -> Statement {
        var text = Statement.Interpolation(
            literalCapacity: 512 + 24 * records.count, interpolationCount: 9 * records.count)
        text.appendInterpolation("INSERT INTO usage_counters (\(columns)) VALUES " as Statement)
        for (index, record) in records.enumerated() {
            let (id, counter) = (record.id, record.counter)
            text.appendLiteral(index == 0 ? "(" : ", (")
            text.appendInterpolation(id.subject.bytes)
            text.appendLiteral(", ")
            text.appendInterpolation(column(id.service))
            text.appendLiteral(", ")
            text.appendInterpolation(id.unit.rawValue)
            text.appendLiteral(", ")
            text.appendInterpolation(counter.window.start)
            text.appendLiteral(", ")
            text.appendInterpolation(counter.window.end)
            for amount in [counter.used, counter.reserved, counter.thresholdToldFor, counter.exhaustionToldFor] {
                text.appendLiteral(", ")
                text.appendInterpolation(amount)
            }
            text.appendLiteral(")")
        }
        text.appendLiteral(
            """
             ON CONFLICT (subject, window_end, service_id, unit) DO UPDATE SET used = excluded.used,
                reserved = excluded.reserved, threshold_told_for = excluded.threshold_told_for,
                exhaustion_told_for = excluded.exhaustion_told_for
            """)
        return Statement(stringInterpolation: text)
    }

    private func query(_ condition: Statement) throws -> [CounterRecord] {
        try transaction.query("SELECT \(Self.columns) FROM usage_counters WHERE \(condition)") { row in
            var next = row.reader
            guard let subject = SubjectKey(bytes: try next.bytes()) else {
                throw InternalFailure("a counter has an unknown subject")
            }
            let service = try next.identifier()
            guard let unit = CounterUnit(rawValue: try next.integer()) else {
                throw InternalFailure("a counter has an unknown unit")
            }
            let window = TimeWindow(start: try next.timestamp(), end: try next.timestamp())
            return CounterRecord(
                id: CounterID(
                    subject: subject, service: service == Self.allServices ? nil : ServiceID(service), unit: unit),
                counter: Counter(
                    window: window, used: try next.integer(), reserved: try next.integer(),
                    thresholdToldFor: try next.integer(), exhaustionToldFor: try next.integer()))
        }
    }

    private static func column(_ service: ServiceID?) -> Identifier { service?.value ?? allServices }
}
