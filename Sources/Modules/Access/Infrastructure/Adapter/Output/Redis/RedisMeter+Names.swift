import AccessApplication
import AccessContract
import AccessDomain
import Redis
import SQL
import Shared

/// Requests with names, which every process counts once, and takes back once.
extension RedisMeter: CountedRequests {
    package func giveBack(
        _ requestID: String, of service: ServiceID, preferring gateway: GatewayRequest.Gateway
    ) async throws -> Int? {
        let strict = try await sql.giveBack(requestID, of: service, preferring: gateway)
        let fast = try await giveBackFast(requestID, of: service, preferring: gateway)
        return strict ?? fast
    }

    private func giveBackFast(
        _ requestID: String, of service: ServiceID, preferring gateway: GatewayRequest.Gateway
    ) async throws -> Int? {
        let list = names.names(of: requestID, at: service)
        guard let fields = try await asking({ try await $0.send(RedisCommand("HGETALL", .text(list))) }).array else {
            return nil
        }
        let pairs = stride(from: 0, to: fields.count - 1, by: 2).map { index in
            (fields[index].text ?? "", fields[index + 1].text ?? "")
        }
        let own = SQLCountedRequestTable.name(of: gateway)
        for (_, key) in pairs.filter({ $0.0 == own }) + pairs.filter({ $0.0 != own }) {
            guard let held = try await asking({ try await $0.send(RedisCommand("GET", .text(key))) }).bytes,
                let counted = QuotaHolds(held), counted.isRecent(at: moment().now)
            else { continue }
            if try await settle(
                key, held, into: [], counted.changes { $0.used = -counted.amount }, of: counted.group, takesBack: true)
                == .done
            {
                try await forgetGiven(counted)
                return counted.amount
            }
        }
        return nil
    }

    /// The database has what was counted within the last second or so.
    private func forgetGiven(_ counted: QuotaHolds) async throws {
        try await database.write { transaction in
            let table = SQLCounterTable(transaction: transaction)
            try table.lower(counted.holds.map { ($0.id, $0.window) }, by: counted.amount)
        }
    }

    /// - Throws: `Unavailable` if Redis does not answer.
    func asking<T>(_ body: (RedisClient) async throws -> T) async throws -> T {
        do {
            return try await body(client)
        } catch let failure as RedisFailure {
            throw Unavailable("quota", reason: "\(failure)")
        }
    }
}

extension RedisMeter.Named {
    /// Of a draw that is counted under a name.
    init(_ meter: RedisMeter, _ request: GatewayRequest, _ call: QuotaDraw) {
        key = meter.names.request(request, by: call.parts.map { QuotaPlace($0.id) }, of: call.group)
        holds = QuotaHolds.packed(call, withLimits: false)
        let list = meter.names.names(of: request.requestID, at: request.service)
        let lifetime = RedisCommand.Argument(2 * GatewayRequest.lifetime.wholeMilliseconds)
        along = [
            RedisCommand("HSET", .text(list), .text(SQLCountedRequestTable.name(of: request.gateway)), .text(key)),
            RedisCommand("PEXPIRE", .text(list), lifetime),
        ]
    }
}
