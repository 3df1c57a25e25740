/// A line as it was read.
package enum ImportLine: Sendable, Equatable {
    /// Without its line feed.
    case bytes([UInt8])
    /// Of more bytes than `byteCountMax`.
    case tooLong

    package static let byteCountMax = 65_536
}

/// The run could not go on. What came before `nextLine` is done.
package struct ImportInterrupted: Error {
    package let nextLine: Int
    package let cause: any Error
}
