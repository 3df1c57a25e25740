import Synchronization
import __Module__Contract

/// __Module__ with what a test of another module says.
package final class __Module__FacadeDouble: __Module__Facade {
    private let titles = Mutex<[__Entity__ID: String]>([:])

    package init() {}

    package func set(_ title: String, of id: __Entity__ID) { titles.withLock { $0[id] = title } }

    package func title(of id: __Entity__ID) async throws -> String? { titles.withLock { $0[id] } }
}
