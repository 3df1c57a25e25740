import Synchronization

/// Whether this process takes traffic: not while it starts, nor while it drains.
final class Readiness: Sendable {
    private let state = Atomic<Bool>(false)

    var isReady: Bool {
        get { state.load(ordering: .relaxed) }
        set { state.store(newValue, ordering: .relaxed) }
    }
}
