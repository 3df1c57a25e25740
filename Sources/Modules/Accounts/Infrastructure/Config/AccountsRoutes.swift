import AccountsApplication
import AccountsDomain
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
        let (frame, origins) = (dependencies.pages, dependencies.origins)
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
        let usedLinks = UsedLinks(recent: useCases.recentLinkUse, frame: frame)
        let routes: [[Route]] = [
            RegistrationRoutes(
                register: useCases.register, requestVerification: useCases.requestVerification, limit: limit,
                idempotency: dependencies.idempotency, cookies: ports.registrations,
                isPrivate: settings.registersPrivately, isOpen: settings.isRegistrationOpen
            ).routes,
            VerificationRoutes(verify: useCases.verifyEmail, cookies: ports.registrations, frame: frame).routes,
            SessionRoutes(
                signIn: useCases.signIn, signOut: useCases.signOut, sessions: useCases.manageSessions,
                gate: gate, origins: origins, limit: limit, delivery: delivery, frame: frame
            ).routes,
            MailSignInRoutes(
                signIn: useCases.signInWithMail, origins: origins, limit: limit, delivery: delivery, frame: frame,
                usedLinks: usedLinks
            ).routes,
            RefreshRoutes(
                rotate: useCases.rotateRefreshToken, tokens: ports.tokens, origins: origins, delivery: delivery,
                frame: frame, limits: dependencies.rateLimits,
                limit: settings.signInLimit == nil ? nil : RefreshRoutes.limitPerSession
            ).routes,
            PasswordRoutes(
                reset: useCases.resetPassword, manage: useCases.manageAccount, gate: gate, limit: limit,
                delivery: delivery, frame: frame, usedLinks: usedLinks
            ).routes,
            EmailChangeRoutes(
                manage: useCases.manageAccount, gate: gate, limit: limit, delivery: delivery, frame: frame,
                usedLinks: usedLinks
            ).routes,
            EmailUndoRoutes(manage: useCases.manageAccount, delivery: delivery, frame: frame, usedLinks: usedLinks)
                .routes,
            ReactivationRoutes(
                reactivate: useCases.reactivate, limit: limit, delivery: delivery, frame: frame, usedLinks: usedLinks
            ).routes,
            StepUpRoutes(stepUp: useCases.stepUpSession, gate: gate, limit: limit, delivery: delivery).routes,
            FactorResetRoutes(
                reset: useCases.resetFactors(GateCover(gate: gate)), follow: useCases.followFactorResets, gate: gate,
                limit: limit, frame: frame, usedLinks: usedLinks
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
            PasskeyRoutes(
                passkeys: useCases.passkeys, manage: useCases.managePasskeys, gate: gate, limit: limit,
                cookies: ports.webAuthn, idempotency: dependencies.idempotency, cursors: dependencies.cursors,
                appName: dependencies.process.appName
            ).routes,
            PasskeySignInRoutes(
                signIn: useCases.passkeys?.signIn, origins: origins, limit: limit, delivery: delivery,
                cookies: ports.webAuthn
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
            AdministratorRoutes(appoint: useCases.administrators, limit: limit, frame: frame).routes,
            ports.sandbox.map { SandboxRoutes(sandbox: $0, providers: ports.providers, frame: frame).routes } ?? [],
        ]
        let tools = PageTools(
            frame: frame, gate: gate, limit: limit, delivery: delivery, readAccount: useCases.readAccount)
        return routes.flatMap { $0 } + pages(tools, useCases, ports, settings, dependencies)
    }

    /// The pages on which people sign in and look after their accounts.
    private static func pages(
        _ tools: PageTools, _ useCases: AccountsUseCases, _ ports: AccountsPorts, _ settings: AccountsSettings,
        _ dependencies: AccountsDependencies
    ) -> [Route] {
        let routes: [[Route]] = [
            HomePage(tools: tools).routes,
            SignInPages(
                tools: tools, signIn: useCases.signIn, signInWithMail: useCases.signInWithMail,
                reset: useCases.resetPassword, reactivate: useCases.reactivate,
                providers: ports.providers.all.map {
                    SignInPages.Provider(path: $0.name.loginPath, label: $0.label)
                }
            ).routes,
            SignUpPages(
                tools: tools, register: useCases.registerPrivately, requestVerification: useCases.requestVerification,
                cookies: ports.registrations, identifiers: dependencies.identifiers, isOpen: settings.isRegistrationOpen
            ).routes,
            SignOutPages(tools: tools, signOut: useCases.signOut).routes,
            ProfilePages(tools: tools, edit: useCases.editProfile).routes,
            SecurityPages(
                tools: tools, manage: useCases.manageAccount, signInWithMail: useCases.signInWithMail
            ).routes,
            SessionPages(tools: tools, sessions: useCases.manageSessions, cursors: dependencies.cursors).routes,
            SecondStepPages(tools: tools, secondStep: useCases.secondStep).routes,
            StepUpPages(
                tools: tools, stepUp: useCases.stepUpSession, demand: useCases.stepUp,
                signInWithMail: useCases.signInWithMail
            ).routes,
            DataPages(
                tools: tools, manage: useCases.manageAccount, personalData: useCases.personalData,
                signInWithMail: useCases.signInWithMail
            ).routes,
        ]
        return routes.flatMap { $0 }
    }
}
