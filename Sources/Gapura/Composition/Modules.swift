import AccessInfrastructure
import AccountsContract
import AccountsInfrastructure
import Composition
import Configuration
import Jobs
import NotificationsInfrastructure

/// The modules of this program, in the order of opening and starting. A module is named here and nowhere else in the
/// program; one that uses another comes after it.
enum Modules {
    static func plans(_ reader: inout SettingsReader, _ process: ProcessSettings) -> [ModulePlan] {
        let accounts = Provided<AccountsServices>()
        return [
            AccountsModule.plan(&reader, process, providing: accounts),
            AccessModule.plan(&reader, process, accounts: accounts),
            NotificationsModule.plan(&reader, process, accounts: accounts),
        ]
    }

    /// The names of the queues of jobs.
    static func queues(of plans: [ModulePlan]) -> Set<String> {
        Set(plans.flatMap(\.queues)).union([JobQueue.standard])
    }

    /// What is known of them without any setting: their schema and their commands.
    static var described: [ModulePlan] {
        var reader = SettingsReader(values: [:]) { _ in "" }
        return plans(&reader, ProcessSettings(appName: "", appURL: "", isProduction: false))
    }
}
