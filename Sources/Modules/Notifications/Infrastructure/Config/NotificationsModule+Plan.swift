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
        let opened = Provided<NotificationsModule>()
        return ModulePlan(
            "notifications", folder: "Notifications",
            commands: [
                ListSuppressionsCommand(notifications: opened), AddSuppressionCommand(notifications: opened),
                RemoveSuppressionCommand(notifications: opened), TemplatesPreviewCommand(notifications: opened),
            ],
            permissions: NotificationsPermission.all, queues: [DeliverWebhook.queue],
            holdsSecrets: SQLWebhookEndpointRepository.holdsSecrets
        ) { resources in
            let module = NotificationsModule(
                settings, resources, accounts: try accounts.get().facade, capturesMail: !process.isProduction)
            opened.provide(module)
            return ModuleParts(
                routes: { gate in module.routes(gate) + module.developmentRoutes }, words: .notifications,
                subscriptions: module.subscriptions, jobs: module.jobs, queues: module.queues,
                services: module.services, prunes: module.prunes,
                personalData: PersonalDataPart("notifications") { person in
                    PersonalMailsAnswer(data: try await module.personalMails.export(person))
                },
                health: { module.mailHealth.map { ["mail": $0()] } ?? [:] },
                warnings: module.mailRoute == .none
                    ? ["mails stay queued: SMTP_HOST is not set, and production captures none"] : [],
                welcome: {
                    module.mailRoute == .captured ? ["Captured mails: \(process.appURL)/dev/mailbox"] : []
                })
        }
    }
}
