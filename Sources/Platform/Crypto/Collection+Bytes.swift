extension Collection<UInt8> {
    /// Calls `body` with the bytes in one piece, copied only where they are not. The pointer is never null, also not
    /// for no bytes, because C libraries take null for "not given".
    func withBytes<Result>(_ body: (UnsafePointer<UInt8>, Int) -> Result) -> Result {
        func call(_ buffer: UnsafeBufferPointer<UInt8>) -> Result {
            guard let start = buffer.baseAddress else { return withUnsafePointer(to: 0) { body($0, 0) } }
            return body(start, buffer.count)
        }
        return withContiguousStorageIfAvailable(call) ?? Array(self).withUnsafeBufferPointer(call)
    }
}
