/// Why a text is no cron expression, for the person who wrote it.
package struct CronError: Error, Equatable, CustomStringConvertible {
    /// The whole expression.
    package let expression: String
    package let problem: String

    package var description: String { "the cron expression \"\(expression)\" is wrong: \(problem)" }
}

/// Why there are no rules for a time zone.
package enum TimeZoneError: Error, Equatable, CustomStringConvertible {
    case unknown(String)
    case unreadable(String)

    package var description: String {
        switch self {
        case .unknown(let name):
            """
            there is no time zone "\(name)"; use a name of the IANA database such as Europe/Berlin or Asia/Jakarta, \
            and check that the package tzdata is installed
            """
        case .unreadable(let name):
            "the file of the time zone \(name) is damaged; install the package tzdata again"
        }
    }
}
