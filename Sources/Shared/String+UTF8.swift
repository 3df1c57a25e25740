extension String {
    /// Text of bytes; nil for what is not UTF-8 (RFC 3629). Without the generic machinery of `String(validating:as:)`,
    /// which looks types up at run time.
    package init?(utf8 bytes: Span<UInt8>) {
        guard let text = try? UTF8Span(validating: bytes) else { return nil }
        self.init(copying: text)
    }
}
