import HTTP
import Shared
import __Module__Application
import __Module__Contract

/// Adding and reading, for everyone.
struct __Entity__Routes: Sendable {
    let create: any Create__Entity__
    let read: any Read__Entity__

    private static let tag = "__Module__"

    var routes: [Route] { [createRoute, readRoute] }

    private var createRoute: Route {
        Route(
            .post, "/__path__",
            Operation(
                "create__Entity__", "Add one __words__", tag: Self.tag,
                answers: [.json(201, __Entity__Answer.self, "It was added"), .problem(.__entity__TitleTaken)]),
            body: Create__Entity__Body.self
        ) { _, body in
            switch try await create(Create__Entity__Command(title: body.title)) {
            case .created(let __entity__): return .json(__Entity__Answer(__entity__: __entity__), status: 201)
            case .refused(.titleTaken): throw Problem(.__entity__TitleTaken)
            }
        }
    }

    private var readRoute: Route {
        Route(
            .get, "/__path__/{id}",
            Operation(
                "read__Entity__", "One __words__", tag: Self.tag,
                answers: [.json(200, __Entity__Answer.self, "It"), .problem(.notFound)])
        ) { request in
            guard let id = request.pathValues.first.flatMap({ __Entity__ID(text: $0) }),
                let __entity__ = try await read(id)
            else { throw Problem(.notFound) }
            return .json(__Entity__Answer(__entity__: __entity__))
        }
    }
}
