/// When something ends, as people say it: at a moment, or after a while.
package enum Ending: Sendable, Equatable {
    case at(Timestamp)
    case after(Duration)

    package func moment(from now: Timestamp) -> Timestamp {
        switch self {
        case .at(let moment): moment
        case .after(let duration): now + duration
        }
    }
}
