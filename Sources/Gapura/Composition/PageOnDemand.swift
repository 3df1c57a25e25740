import HTTP
import Synchronization

/// A page that is made when it is first asked for, and kept: making it would be half of a start.
final class PageOnDemand: Sendable {
    private let make: @Sendable () throws -> Response
    private let made = Mutex<Response?>(nil)

    init(_ make: @escaping @Sendable () throws -> Response) {
        self.make = make
    }

    var response: Response {
        get throws {
            try made.withLock { made in
                if let made { return made }
                let response = try make()
                made = response
                return response
            }
        }
    }
}
