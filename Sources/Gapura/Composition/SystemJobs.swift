import Composition
import Jobs
import SQL
import Shared

/// Jobs of the libraries, which no module has.
enum SystemJobs {
    static func handlers(_ resources: ModuleResources) -> [JobHandler] {
        [JobPruning(resources.database, clock: resources.clock).handler]
    }

    static func schedules() throws -> [JobSchedule] { [try JobPruning.schedule()] }
}
