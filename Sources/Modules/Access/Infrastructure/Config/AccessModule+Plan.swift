import AccessApplication
import AccessContract
import AccessDomain
import AccountsContract
import Composition
import Configuration
import Shared

extension AccessModule {
    package static func plan(
        _ reader: inout SettingsReader, _ process: ProcessSettings, accounts: Provided<AccountsServices>
    ) -> ModulePlan {
        let settings = AccessSettings(
            &reader, isProduction: process.isProduction, trustedProxies: process.trustedProxies,
            usesSecureCookies: process.usesSecureCookies)
        let opened = Provided<AccessModule>()
        return ModulePlan(
            "access", folder: "Access", commands: [ResetQuotaCommand(access: opened)],
            permissions: AccessPermission.all, events: AccessCatalogue.events
        ) { resources in
            let metering = Metering(resources, degradedMax: settings.degradedMax)
            let module = try await AccessModule(
                settings, AccessDependencies(resources, accounts: accounts.get(), metering: metering))
            opened.provide(module)
            return ModuleParts(
                routes: { _ in module.routes }, words: .access, gate: module.gate,
                subscriptions: module.subscriptions,
                services: module.services, prunes: module.prunes,
                personalData: PersonalDataPart("access") { person in
                    AccessDataAnswer(data: try await module.exportData(person), now: resources.clock.now)
                },
                isCurrent: module.isCurrent, warnings: settings.warnings + module.warnings)
        }
    }
}
