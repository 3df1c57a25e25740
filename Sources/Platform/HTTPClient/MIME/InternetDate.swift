import Shared

/// The date of a mail (RFC 5322 § 3.3), in UTC.
enum InternetDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `Sat, 21 Nov 2026 09:30:00 +0000`
    static func text(_ moment: Timestamp) -> String {
        // Of 2026-11-21T09:30:00.123Z; the first day of 1970 was a Thursday.
        let parts = moment.description.split { "-T.Z".contains($0) }
        let dayNumber = (moment.seconds - (moment.seconds % 86_400 + 86_400) % 86_400) / 86_400
        let weekday = days[Int((dayNumber % 7 + 7) % 7)]
        let month = months[(Int(parts[1]) ?? 1) - 1]
        return "\(weekday), \(parts[2]) \(month) \(parts[0]) \(parts[3]) +0000"
    }
}
