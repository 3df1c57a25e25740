import AccessApplication
import AccessContract
import AccessDomain
import HTTP
import Shared

/// The body of `POST /access/reserve`.
struct ReserveBody: Input {
    let question: QuestionBody
    let amount: Int
    let key: String
    let expiresIn: Int

    init(_ fields: inout Fields) {
        question = QuestionBody(&fields)
        amount = fields.required("amount", .integer(Reservation.amounts))
        key = fields.required("key", .text(1...200))
        expiresIn =
            fields.optional("expires_in", .integer(Reservation.lifetimes))
            ?? Int(Reservation.defaultLifetime.components.seconds)
    }
}

struct CommitBody: Input {
    let used: Int

    init(_ fields: inout Fields) {
        used = fields.required("used", .integer(0...Reservation.amounts.upperBound))
    }
}

struct ReserveAnswerBody: Output {
    let answer: AccessAnswer
    /// Nil if the decision denies.
    let reservation: Reservation?

    static let shape = Shape<ReserveAnswerBody>("ReserveAnswer") { shape in
        shape.member("decision", .object) { DecisionAnswer(answer: $0.answer) }
        shape.nullable("reservation", .object) { $0.reservation.map(ReservationAnswer.init) }
    }
}

struct ReservationAnswer: Output {
    let reservation: Reservation

    static let shape = Shape<ReservationAnswer>("Reservation") { shape in
        shape.member("id", .id) { $0.reservation.id }
        shape.member("key", .text) { $0.reservation.key }
        shape.member("state", .text) { $0.reservation.state.name }
        shape.member("amount", .integer) { Int64($0.reservation.amount) }
        shape.nullable("used", .integer) { $0.reservation.state.used.map { Int64($0) } }
        shape.member("reserved_at", .timestamp) { $0.reservation.reservedAt }
        shape.member("expires_at", .timestamp) { $0.reservation.expiresAt }
    }
}

extension Reservation.State {
    var name: String {
        switch self {
        case .open: "open"
        case .committed: "committed"
        case .released: "released"
        case .expired: "expired"
        }
    }

    var used: Int? { if case .committed(let used) = self { used } else { nil } }
}
