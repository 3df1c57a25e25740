import Synchronization

/// How far a server is on its way to the end.
enum ServingMode: UInt8, AtomicRepresentable, Comparable {
    case serving
    /// No new connections; every answer closes its connection.
    case draining
    /// Whatever has no answer yet gets 503.
    case ended

    static func < (left: ServingMode, right: ServingMode) -> Bool { left.rawValue < right.rawValue }
}
