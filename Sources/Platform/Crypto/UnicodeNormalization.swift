internal import CUTF8Proc
import Glibc

/// Unicode normalisation forms (UAX #15).
package enum UnicodeNormalization {
    /// The text in Normalization Form C, so that one password typed on two keyboards is one sequence of bytes.
    ///
    /// - Returns: nil if the text is too long for the memory at hand.
    package static func nfc(_ text: String) -> String? {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
        var normalized: UnsafeMutablePointer<UInt8>?
        let options = utf8proc_option_t(rawValue: UTF8PROC_STABLE.rawValue | UTF8PROC_COMPOSE.rawValue)
        let count = text.utf8.withBytes { utf8proc_map($0, $1, &normalized, options) }
        defer { free(normalized) }
        guard count >= 0, let normalized else { return nil }
        return String(validating: UnsafeBufferPointer(start: normalized, count: count), as: UTF8.self)
    }
}
