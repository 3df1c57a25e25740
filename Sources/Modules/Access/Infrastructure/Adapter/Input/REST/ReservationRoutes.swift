import AccessApplication
import AccessContract
import AccessDomain
import HTTP
import Shared

/// Two phases for long work: an amount is set aside, then committed or released.
struct ReservationRoutes: Sendable {
    let settle: SettleQuotaService
    let refuse: RefuseAtDoorService
    let asking: AskingService
    let devices: DeviceSignature
    let clock: any WallClock

    var routes: [Route] { [reserveRoute, commitRoute, releaseRoute] }

    private var reserveRoute: Route {
        Route(
            .post, "/access/reserve",
            Operation(
                "reserveQuota", "Decide about long work, and set its amount aside", tag: CheckRoute.tag, security: .key,
                answers: [
                    .json(200, ReserveAnswerBody.self, "The decision, and what is reserved if it allows"),
                    .problem(.untrustedGateway), .problem(.reservationKeyReused),
                ]
            ).withBody(ReserveBody.self)
        ) { request in
            _ = try await asking.key(of: request, for: nil)
            try request.refuseQuery()
            let body = try request.read(ReserveBody.self)
            let caller = try await asking.key(of: request, for: body.question.service)
            let reading = try body.question.question(devices: devices, asker: request.clientAddress)
            guard case .question(let question) = reading else {
                let answer = refuse(
                    .ambiguousRequest, service: body.question.service,
                    address: body.question.anonymous?.address ?? request.clientAddress)
                return .json(ReserveAnswerBody(answer: answer, reservation: nil))
            }
            let outcome = try await settle.reserve(
                question, amount: body.amount, key: body.key, lifetime: .seconds(body.expiresIn),
                caller: caller.value)
            switch outcome {
            case .reserved(let reservation, let answer):
                return .json(ReserveAnswerBody(answer: answer, reservation: reservation))
            case .denied(let answer): return .json(ReserveAnswerBody(answer: answer, reservation: nil))
            case .keyReused: throw Problem(.reservationKeyReused)
            }
        }
    }

    private var commitRoute: Route {
        Route(
            .post, "/access/reservations/{id}/commit",
            Operation(
                "commitReservation", "Count what was really used of a reservation", tag: CheckRoute.tag,
                security: .key, answers: Self.settled
            ).withBody(CommitBody.self)
        ) { request in
            let caller = try await asking.key(of: request, for: nil)
            try request.refuseQuery()
            let body = try request.read(CommitBody.self)
            return try response(
                try await settle.commit(try Self.id(request), used: body.used, caller: caller.value))
        }
    }

    private var releaseRoute: Route {
        Route(
            .post, "/access/reservations/{id}/release",
            Operation(
                "releaseReservation", "Give a reservation back", tag: CheckRoute.tag, security: .key,
                answers: Self.settled)
        ) { request in
            let caller = try await asking.key(of: request, for: nil)
            try request.refuseQuery()
            try request.refuseBody()
            return try response(try await settle.release(try Self.id(request), caller: caller.value))
        }
    }

    private static let settled: [Answer] = [
        .problem(.validationFailed),
        .json(200, ReservationAnswer.self, "The reservation as it is now"), .problem(.notFound),
        .problem(.reservationSettled), .problem(.reservationExpired), .problem(.quotaExhausted),
    ]

    private static func id(_ request: Request) throws -> ReservationID {
        guard let id = request.pathValues.first.flatMap({ ReservationID(text: $0) }) else { throw Problem(.notFound) }
        return id
    }

    private func response(_ outcome: SettleOutcome) throws -> Response {
        switch outcome {
        case .settled(let reservation): return .json(ReservationAnswer(reservation: reservation))
        case .conflict(let reservation):
            throw Problem(.reservationSettled, "The reservation was \(reservation.state.name) before")
        case .expired: throw Problem(.reservationExpired)
        case .noRoom(let limit): throw Problem.quotaExhausted(limit, at: clock.now)
        case .unknown: throw Problem(.notFound)
        }
    }
}
