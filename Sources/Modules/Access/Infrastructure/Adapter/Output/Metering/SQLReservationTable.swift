import AccessContract
import AccessDomain
import SQL
import Shared

/// The rows of `reservations`, inside a unit of work.
struct SQLReservationTable {
    let transaction: any SQLTransaction
    let keys: SubjectKeys

    private static let select: Statement = """
        SELECT id, caller, key, subject, network, service_id, amount, holds, reserved_at, expires_at, state, used
        FROM reservations
        """

    func find(_ id: ReservationID) throws -> StoredReservation? {
        try transaction.first("\(Self.select) WHERE id = \(id)", reservation)
    }

    /// Like `find`, and nobody else ends it until this work does.
    func lock(_ id: ReservationID) throws -> StoredReservation? {
        try transaction.first("\(Self.select) WHERE id = \(id)\(forUpdate)", reservation)
    }

    func find(caller: Identifier, key: String) throws -> StoredReservation? {
        try transaction.first("\(Self.select) WHERE caller = \(caller) AND key = \(key)", reservation)
    }

    /// Like `find`, and nobody else uses the key until this work ends, even if it stands for nothing yet.
    func lock(caller: Identifier, key: String) throws -> StoredReservation? {
        try transaction.lock(name: "access reservation \(caller) \(key)")
        return try find(caller: caller, key: key)
    }

    /// Those that nobody ended in time, the oldest first.
    func overdue(at now: Timestamp, limit: Int) throws -> [ReservationID] {
        try transaction.query(
            """
            SELECT id FROM reservations WHERE state = 'open' AND expires_at <= \(now)
            ORDER BY expires_at LIMIT \(limit)
            """
        ) { try $0.id(0) }
    }

    func insert(_ stored: StoredReservation) throws {
        let reservation = stored.reservation
        let (state, used) = reservation.state.columns
        try transaction.submit(
            """
            INSERT INTO reservations (id, caller, key, subject, network, service_id, amount, holds, reserved_at,
                expires_at, state, used)
            VALUES (\(reservation.id), \(reservation.caller), \(reservation.key), \(stored.subject.bytes),
                \(try keys.sealed(reservation.subject, for: reservation.id)), \(reservation.service),
                \(reservation.amount), \(json: HoldsText.text(of: stored.holds)), \(reservation.reservedAt),
                \(reservation.expiresAt), \(state), \(used))
            """)
    }

    func delete(_ id: ReservationID) throws {
        try transaction.submit("DELETE FROM reservations WHERE id = \(id)")
    }

    /// Writes how it ended.
    func update(_ reservation: Reservation) throws {
        let (state, used) = reservation.state.columns
        try transaction.submit(
            "UPDATE reservations SET state = \(state), used = \(used) WHERE id = \(reservation.id)")
    }

    private func reservation(_ row: Row) throws -> StoredReservation {
        var next = row.reader
        let id: ReservationID = try next.id()
        let (caller, key) = (try next.identifier(), try next.text())
        guard let subject = SubjectKey(bytes: try next.bytes()) else {
            throw InternalFailure("a reservation has an unknown subject")
        }
        let sealed = try next.optionalBytes()
        let (service, amount) = (try next.id(as: ServiceID.self), try next.integer())
        let holds = try HoldsText.holds(of: try next.json())
        let (reservedAt, expiresAt) = (try next.timestamp(), try next.timestamp())
        return StoredReservation(
            reservation: Reservation(
                id: id, key: key, caller: caller,
                subject: try keys.subject(subject, sealed: sealed, for: id), service: service, amount: amount,
                reservedAt: reservedAt, expiresAt: expiresAt,
                state: try Reservation.State(try next.text(), used: try next.integer())),
            subject: subject, holds: holds)
    }
}

extension Reservation.State {
    fileprivate var columns: (state: String, used: Int) {
        switch self {
        case .open: ("open", 0)
        case .committed(let used): ("committed", used)
        case .released: ("released", 0)
        case .expired: ("expired", 0)
        }
    }

    fileprivate init(_ text: String, used: Int) throws {
        switch text {
        case "open": self = .open
        case "committed": self = .committed(used: used)
        case "released": self = .released
        case "expired": self = .expired
        default: throw InternalFailure("a reservation has an unknown state")
        }
    }
}
