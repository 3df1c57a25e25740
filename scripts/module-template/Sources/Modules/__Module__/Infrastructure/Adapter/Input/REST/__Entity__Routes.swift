import Authorization
import HTTP
import Idempotency
import Shared
import __Module__Application
import __Module__Contract
import __Module__Domain

/// Adding, for those who may; reading, for everyone.
struct __Entity__Routes: Sendable {
    let create: Create__Entity__Service
    let read: Read__Entity__Service
    let gate: any Gate
    let idempotency: IdempotencyKeys

    private static let tag = "__Module__"

    var routes: [Route] { [createRoute, readRoute] }

    private var createRoute: Route {
        Route(
            .post, "/__path__",
            Operation(
                "create__Entity__", "Add one __words__", tag: Self.tag,
                answers: [.json(201, __Entity__Answer.self, "It was added"), .problem(.__entity__TitleTaken)]),
            needs: .permission(__Module__Permission.write), gate: gate, once: idempotency,
            reads: .body(Create__Entity__Body.self)
        ) { body, principal, id in
            let command = Create__Entity__Command(id: __Entity__ID(id), title: body.title, principal: principal)
            switch try await create(command) {
            case .created(let __entity__):
                return .created(__Entity__Answer(__entity__: __entity__), at: "/__path__/\(__entity__.id)")
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
            guard let __entity__ = try await read(try request.pathID()) else { throw Problem(.notFound) }
            return .json(__Entity__Answer(__entity__: __entity__))
        }
    }
}
