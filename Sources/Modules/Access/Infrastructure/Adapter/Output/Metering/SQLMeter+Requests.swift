import AccessApplication
import AccessContract
import AccessDomain
import SQL
import Shared

/// Requests with names, which every process counts once.
extension SQLMeter: CountedRequests {
    package var keepsNames: Bool { true }

    package func take(_ draw: Draw, named request: GatewayRequest) async throws -> DrawOutcome {
        let parts = draw.parts(keys)
        let drawer = Self.drawer(of: parts)
        return try await database.write { transaction in
            let table = SQLCounterTable(transaction: transaction)
            let requests = SQLCountedRequestTable(transaction: transaction)
            // Before the name is looked up, so that of two at once the second finds what the first has noted.
            try table.lock(parts.map(\.id.subject))
            let now = clock.now
            if let earlier = try requests.find(request), earlier.isRecent(at: now), earlier.drawer == drawer {
                let free = draw.free
                var sheet = try ChargeSheet(free, free.parts(keys), in: table, at: now)
                return sheet.answer(sheet.charges.take(), tellsNews: false).repeated
            }
            var sheet = try ChargeSheet(draw, parts, in: table, at: now)
            let outcome = sheet.charges.take()
            try table.save(sheet.changed(outcome))
            if outcome.isAllowed {
                try requests.save(request, drawer: drawer, amount: draw.cost, holds: sheet.holds, at: now)
            }
            return sheet.answer(outcome)
        }
    }

    package func giveBack(
        _ requestID: String, of service: ServiceID, preferring gateway: GatewayRequest.Gateway
    ) async throws -> Int? {
        let own = SQLCountedRequestTable.name(of: gateway)
        return try await database.write { transaction in
            let table = SQLCounterTable(transaction: transaction)
            let requests = SQLCountedRequestTable(transaction: transaction)
            let recent = try requests.all(requestID, of: service).filter { $0.isRecent(at: clock.now) }
            guard let counted = recent.first(where: { $0.gateway == own }) ?? recent.first else { return nil }
            // In the order of a draw, which locks the counters before it writes the name.
            try table.lock(counted.holds.map(\.id.subject))
            guard try requests.delete(counted, requestID, of: service) else { return nil }
            let records = try table.held(by: counted.holds)
            try table.save(
                records.map { record in
                    var counter = record.counter
                    counter.giveBack(counted.amount)
                    return CounterRecord(id: record.id, counter: counter)
                })
            return counted.amount
        }
    }

    /// Takes back what was counted a moment ago, for a draw that another store refused.
    func giveBack(_ draw: Draw) async throws {
        let parts = draw.parts(keys).filter { !draw.rules[$0.rule].isBurst }
        try await database.write { transaction in
            let table = SQLCounterTable(transaction: transaction)
            try table.lock(parts.map(\.id.subject))
            let ids = Set(parts.map(\.id))
            let open = try table.open(of: parts.map(\.id.subject), service: draw.service, at: clock.now)
            try table.save(
                open.filter { ids.contains($0.id) }.map { record in
                    var counter = record.counter
                    counter.giveBack(draw.cost)
                    return CounterRecord(id: record.id, counter: counter)
                })
        }
    }

    /// The subjects that are drawn from, each once and in order.
    private static func drawer(of parts: [DrawPart]) -> [UInt8] {
        Set(parts.map(\.id.subject)).sorted().flatMap(\.bytes)
    }
}
