import AccountsContract
import Composition
import Configuration
import NotificationsApplication
import NotificationsDomain

extension NotificationsModule {
    package static func plan(
        _ reader: inout SettingsReader, _ process: ProcessSettings, accounts: Provided<AccountsServices>
    ) -> ModulePlan {
        let settings = NotificationsSettings(&reader, appName: process.appName)
        return ModulePlan(
            "notifications", folder: "Notifications", permissions: NotificationsPermission.all,
            holdsSecrets: SQLWebhookEndpointRepository.holdsSecrets
        ) { resources in
            let module = NotificationsModule(
                settings, resources, accounts: try accounts.get().facade, capturesMail: !process.isProduction)
            return ModuleParts(
                routes: { gate in module.routes(gate) + module.developmentRoutes }, words: .notifications,
                subscriptions: module.subscriptions, jobs: module.jobs, queues: module.queues,
                services: module.services, prunes: module.prunes,
                personalData: PersonalDataPart("notifications") { person in
                    PersonalMailsAnswer(data: try await module.personalMails.export(person))
                },
                warnings: module.mailRoute == .none
                    ? ["mails stay queued: SMTP_HOST is not set, and production captures none"] : [],
                welcome: {
                    module.mailRoute == .captured ? ["Captured mails: \(process.appURL)/dev/mailbox"] : []
                })
        }
    }
}
