import Authorization
import Composition
import Configuration
import HTTP
import Shared
import __Module__Application
import __Module__Contract

/// __Module__, wired: constructors in order.
package struct __Module__Module: Sendable {
    package let facade: any __Module__Facade
    private let makeRoutes: @Sendable (any Gate) -> [Route]

    package init(_ resources: ModuleResources) {
        let work = resources.unitOfWork(of: "__table__") { SQL__Module__Context(sql: $0) as any __Module__Context }
        let create = Create__Entity__Service(work: work, clock: resources.clock)
        let read = Read__Entity__Service(work: work)
        makeRoutes = { [idempotency = resources.idempotency] gate in
            __Entity__Routes(create: create, read: read, gate: gate, idempotency: idempotency).routes
        }
        facade = __Module__FacadeService(read: read)
    }

    package func routes(behind gate: any Gate) -> [Route] { makeRoutes(gate) }

    /// What an operator sets for this module is read here.
    package static func plan(_: inout SettingsReader, _: ProcessSettings) -> ModulePlan {
        ModulePlan(
            "__path__", folder: "__Module__", permissions: __Module__Permission.all, events: __Module__Catalogue.events
        ) { resources in
            ModuleParts(routes: __Module__Module(resources).routes(behind:), words: .ofModule)
        }
    }
}
