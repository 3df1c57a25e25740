import Shared

extension Timestamp {
    /// `2026-11-30 00:00 UTC`, which people of every language read.
    var minuteText: String {
        let text = description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }
}
