import AccountsApplication
import AccountsContract
import Commands
import Composition
import Configuration
import Crypto

extension AccountsModule {
    /// - Parameter services: gets what other modules may use.
    package static func plan(
        _ reader: inout SettingsReader, _ process: ProcessSettings, providing services: Provided<AccountsServices>
    ) -> ModulePlan {
        let settings = AccountsSettings(
            &reader, appURL: process.appURL, isProduction: process.isProduction, coreCount: process.coreCount)
        let opened = Provided<AccountsModule>()
        return ModulePlan(
            "accounts", folder: "Accounts",
            commands: [
                CreateAdministratorCommand(accounts: opened), UsersImportCommand(accounts: opened),
                RotateKeysCommand(accounts: opened), ProvidersCheckCommand(accounts: opened),
            ],
            permissions: AccountsPermission.all, events: AccountsCatalogue.events, holdsSecrets: holdsKeys
        ) { resources in
            let hashing = try PasswordHashing(
                cost: settings.argon2, concurrency: settings.argon2Concurrency,
                queueLimit: settings.argon2Concurrency * 64)
            let module = try await open(settings, AccountsDependencies(resources, passwordHashing: hashing))
            opened.provide(module)
            services.provide(module.offered)
            return ModuleParts(
                routes: module.routes(behind:), words: .accounts, jobs: module.jobs, schedules: module.schedules,
                services: [hashing] + module.services, prunes: module.prunes, isCurrent: module.isCurrent,
                welcome: {
                    let link = try await module.administrators.inviteFirst()
                    return link.map { ["Become the administrator (1 hour, once): \($0)"] } ?? []
                })
        }
    }

    private static func open(
        _ settings: AccountsSettings, _ dependencies: AccountsDependencies
    ) async throws -> AccountsModule {
        do {
            return try await AccountsModule(settings, dependencies)
        } catch let unreadable as SigningKeyUnreadable {
            throw CommandFailure(code: .configuration, message: "MASTER_KEY: \(unreadable.description)")
        }
    }

    private var offered: AccountsServices {
        AccountsServices(
            facade: facade, users: userAdministration, signing: signing, isCurrent: isCurrent)
    }
}
