import Shared
import Templates

/// Times and lengths of time in the reader's words.
package enum ReaderTime {
    private static let months = [
        "en": [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December",
        ],
        "id": [
            "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober",
            "November", "Desember",
        ],
        "ru": [
            "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
            "декабря",
        ],
    ]

    /// `30 November 2026, 02:50 UTC`: a server does not know the reader's time zone, so it names its own.
    package static func moment(_ time: Timestamp, _ locale: String) -> String {
        let text = time.description
        return "\(day(time, locale)), \(text.dropFirst(11).prefix(5)) UTC"
    }

    /// `30 November 2026`.
    package static func day(_ time: Timestamp, _ locale: String) -> String {
        let parts = time.description.prefix(10).split(separator: "-")
        guard parts.count == 3, let month = Int(parts[1]), let day = Int(parts[2]), (1...12).contains(month),
            let names = months[locale] ?? months["en"]
        else { return time.description }
        return "\(day) \(names[month - 1]) \(parts[0])"
    }

    /// How long to wait: `45 seconds`, `15 minutes`.
    package static func wait(seconds: Int, _ locale: String) -> String {
        let (amount, isMinutes) = seconds < 120 ? (max(1, seconds), false) : ((seconds + 59) / 60, true)
        return switch locale {
        case "id": "\(amount) \(isMinutes ? "menit" : "detik")"
        case "ru": "\(amount) \(isMinutes ? "мин" : "с")"
        default: "\(amount) \(isMinutes ? "minutes" : amount == 1 ? "second" : "seconds")"
        }
    }

    /// For `<time datetime="{{iso}}">{{text}}</time>`.
    package static func values(_ time: Timestamp, _ locale: String) -> TemplateValues.Value {
        .nested(["iso": .text(time.description), "text": .text(moment(time, locale))])
    }
}
