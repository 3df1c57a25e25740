import Authorization
import Cache
import Composition
import HTTP
import Shared

/// The REST adapters of Accounts, wired.
enum AccountsRoutes {
    static func all(
        _ useCases: AccountsUseCases, _ ports: AccountsPorts, _ settings: AccountsSettings,
        _ dependencies: AccountsDependencies, _ gate: any Gate
    ) -> [Route] {
        let (pages, origins) = (dependencies.templates, dependencies.origins)
        let limit = SignInLimit(
            store: dependencies.rateLimits, perAccount: settings.signInLimit,
            perPrefix: settings.signInLimitPerAddress, devices: ports.devices, deviceOwner: useCases.deviceOwner)
        let delivery = TokenDelivery(
            cookies: SessionCookies(
                isSecure: settings.usesSecureCookies, domain: settings.cookieDomain,
                refreshTokenLifetime: settings.refreshTokenLifetime),
            devices: ports.devices,
            secondFactor: SecondFactorCookie(isSecure: settings.usesSecureCookies))
        let users = useCases.manageUsers(GateCover(gate: gate))
        let userImport = useCases.userImport
        let usedLinks = UsedLinks(recent: useCases.recentLinkUse, pages: pages)
        let routes: [[Route]] = [
            RegistrationRoutes(
                register: useCases.register, requestVerification: useCases.requestVerification, limit: limit,
                idempotency: dependencies.idempotency, cookies: ports.registrations,
                isPrivate: settings.registersPrivately, isOpen: settings.isRegistrationOpen
            ).routes,
            VerificationRoutes(verify: useCases.verifyEmail, cookies: ports.registrations, pages: pages).routes,
            SessionRoutes(
                signIn: useCases.signIn, signOut: useCases.signOut, sessions: useCases.manageSessions,
                gate: gate, origins: origins, limit: limit, delivery: delivery
            ).routes,
            MailSignInRoutes(
                signIn: useCases.signInWithMail, origins: origins, limit: limit, delivery: delivery, pages: pages,
                usedLinks: usedLinks
            ).routes,
            RefreshRoutes(
                rotate: useCases.rotateRefreshToken, tokens: ports.tokens, origins: origins, delivery: delivery,
                limits: dependencies.rateLimits,
                limit: settings.signInLimit == nil ? nil : RefreshRoutes.limitPerSession
            ).routes,
            PasswordRoutes(
                reset: useCases.resetPassword, manage: useCases.manageAccount, gate: gate, limit: limit,
                delivery: delivery, pages: pages, usedLinks: usedLinks
            ).routes,
            EmailChangeRoutes(
                manage: useCases.manageAccount, gate: gate, limit: limit, delivery: delivery, pages: pages,
                usedLinks: usedLinks
            ).routes,
            EmailUndoRoutes(manage: useCases.manageAccount, delivery: delivery, pages: pages, usedLinks: usedLinks)
                .routes,
            ReactivationRoutes(
                reactivate: useCases.reactivate, limit: limit, delivery: delivery, pages: pages, usedLinks: usedLinks
            ).routes,
            StepUpRoutes(stepUp: useCases.stepUpSession, gate: gate, limit: limit, delivery: delivery).routes,
            FactorResetRoutes(
                reset: useCases.resetFactors(GateCover(gate: gate)), follow: useCases.followFactorResets, gate: gate,
                limit: limit, pages: pages, usedLinks: usedLinks
            ).routes,
            SecondStepRoutes(
                secondStep: useCases.secondStep, origins: origins, limit: limit, delivery: delivery
            ).routes,
            FactorRoutes(
                factors: useCases.factors, gate: gate, limit: limit, registry: dependencies.permissions,
                isRequiredOfAdministrators: settings.requiresAdministratorMFA
            ).routes,
            ProfileRoutes(
                readAccount: useCases.readAccount, edit: useCases.editProfile, manage: useCases.manageAccount,
                gate: gate, limit: limit, delivery: delivery
            ).routes,
            DeviceRoutes(sessions: useCases.manageSessions, gate: gate, cursors: dependencies.cursors).routes,
            PersonalDataRoutes(
                personalData: useCases.personalData, gate: gate, limit: limit, delivery: delivery,
                others: dependencies.personalData
            ).routes,
            ProviderStartRoutes(
                start: useCases.startFlow, providers: ports.providers, cookies: ports.flowCookies,
                rules: settings.returnRules, limit: limit, clock: dependencies.clock, logger: dependencies.logger
            ).routes,
            ProviderCallbackRoutes(
                finish: useCases.finishFlow, once: useCases.oncePerFlow, providers: ports.providers,
                cookies: ports.flowCookies, pending: ports.pendingIdentities, registrations: ports.registrations,
                rules: settings.returnRules, gate: gate, limit: limit, delivery: delivery, clock: dependencies.clock,
                logger: dependencies.logger
            ).routes,
            AppRoutes(exchange: useCases.exchangeAppCode, limit: limit, delivery: delivery).routes,
            AddressRoutes(
                prove: useCases.proveAddress, pending: ports.pendingIdentities, origins: origins,
                rules: settings.returnRules, limit: limit, delivery: delivery, clock: dependencies.clock
            ).routes,
            IdentityRoutes(
                identities: useCases.manageIdentities, start: useCases.startFlow, providers: ports.providers,
                cookies: ports.flowCookies, rules: settings.returnRules, gate: gate, limits: dependencies.rateLimits,
                limit: settings.signInLimit == nil ? nil : IdentityRoutes.linksPerAccount,
                clock: dependencies.clock, logger: dependencies.logger
            ).routes,
            KeyRoutes(publicKeySet: ports.publicKeySet).routes,
            UserRoutes(
                users: users, gate: gate, idempotency: dependencies.idempotency, cursors: dependencies.cursors,
                clock: dependencies.clock
            ).routes,
            UserImportRoutes(
                importUsers: { try await userImport.importUsers($0, $1, by: $2) }, gate: gate,
                idempotency: dependencies.idempotency, bodyLimit: dependencies.process.bodyLimit
            ).routes,
            UserSessionRoutes(users: users, gate: gate, cursors: dependencies.cursors).routes,
            AdministratorRoutes(appoint: useCases.administrators, limit: limit, pages: pages).routes,
            ports.sandbox.map { SandboxRoutes(sandbox: $0, providers: ports.providers, pages: pages).routes } ?? [],
        ]
        return routes.flatMap { $0 }
    }
}
