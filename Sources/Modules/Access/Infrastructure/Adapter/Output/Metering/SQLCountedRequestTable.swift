import AccessContract
import AccessDomain
import SQL
import Shared

/// The rows of `counted_requests`, inside a unit of work.
struct SQLCountedRequestTable {
    /// A request that was counted.
    struct Counted: Sendable, Equatable {
        /// The gateway, as its row names it.
        let gateway: String
        /// Whose counters they are.
        let drawer: [UInt8]
        let amount: Int
        let holds: [StoredReservation.Hold]
        let countedAt: Timestamp

        /// Whether what was counted then still holds for the same request.
        func isRecent(at now: Timestamp) -> Bool {
            now >= countedAt && now - countedAt < GatewayRequest.lifetime
        }
    }

    let transaction: any SQLTransaction

    private static let columns: Statement = "gateway, drawer, amount, holds, counted_at"

    func find(_ request: GatewayRequest) throws -> Counted? {
        try transaction.first(
            """
            SELECT \(Self.columns) FROM counted_requests
            WHERE service_id = \(request.service) AND request = \(request.requestID)
                AND gateway = \(Self.name(of: request.gateway))
            """, Self.counted)
    }

    /// Those of all gateways, the latest first.
    func all(_ requestID: String, of service: ServiceID) throws -> [Counted] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM counted_requests
            WHERE service_id = \(service) AND request = \(requestID) ORDER BY counted_at DESC
            """, Self.counted)
    }

    /// Notes what was counted, in the place of an earlier request of the same name.
    func save(
        _ request: GatewayRequest, drawer: [UInt8], amount: Int, holds: [StoredReservation.Hold], at now: Timestamp
    ) throws {
        try transaction.submit(
            """
            INSERT INTO counted_requests (service_id, request, gateway, drawer, amount, holds, counted_at)
            VALUES (\(request.service), \(request.requestID), \(Self.name(of: request.gateway)), \(drawer), \(amount),
                \(json: HoldsText.text(of: holds)), \(now))
            ON CONFLICT (service_id, request, gateway) DO UPDATE SET drawer = excluded.drawer,
                amount = excluded.amount, holds = excluded.holds, counted_at = excluded.counted_at
            """)
    }

    /// - Returns: false if another work was faster.
    func delete(_ counted: Counted, _ requestID: String, of service: ServiceID) throws -> Bool {
        try transaction.execute(
            """
            DELETE FROM counted_requests
            WHERE service_id = \(service) AND request = \(requestID) AND gateway = \(counted.gateway)
                AND counted_at = \(counted.countedAt)
            """) == 1
    }

    static func name(of gateway: GatewayRequest.Gateway) -> String {
        switch gateway {
        case .key(let id): "key:\(id)"
        case .peer(let address): "peer:\(address)"
        }
    }

    private static func counted(_ row: Row) throws -> Counted {
        var next = row.reader
        return Counted(
            gateway: try next.text(), drawer: try next.bytes(), amount: try next.integer(),
            holds: try HoldsText.holds(of: try next.json()), countedAt: try next.timestamp())
    }
}
