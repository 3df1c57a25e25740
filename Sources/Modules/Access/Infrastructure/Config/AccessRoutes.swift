import Composition
import HTTP
import Shared

/// The REST adapters of Access, wired.
enum AccessRoutes {
    static func all(
        _ useCases: AccessUseCases, _ adapters: AccessAdapters, _ dependencies: AccessDependencies
    ) -> [Route] {
        let asking = AskingService(recognize: useCases.recognizeGateway, refuse: useCases.refuseAtDoor)
        let routes: [[Route]] = [
            [
                CheckRoute(
                    decide: useCases.decide, refuse: useCases.refuseAtDoor, asking: asking, devices: adapters.devices
                ).route
            ],
            [ReleaseRoute(release: useCases.release, asking: asking).route],
            ReservationRoutes(
                settle: useCases.settle, refuse: useCases.refuseAtDoor, asking: asking, devices: adapters.devices,
                clock: dependencies.clock
            ).routes,
        ]
        return routes.flatMap { $0 }
    }
}
