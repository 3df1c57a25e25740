import AccountsContract
import Composition
import HTTP
import Pages
import Shared

/// The doors for gateways, wired.
enum ForwardRoutes {
    static func all(
        _ useCases: AccessUseCases, _ adapters: AccessAdapters, _ settings: AccessSettings,
        _ dependencies: AccessDependencies
    ) -> [Route] {
        [
            ForwardAuthRoute(
                decide: useCases.decide, refuse: useCases.refuseAtDoor,
                trust: GatewayTrust(
                    recognize: useCases.recognizeGateway, gateways: settings.gateways,
                    proxies: settings.trustedProxies, clock: dependencies.clock, logger: dependencies.logger),
                origins: dependencies.origins, identities: adapters.identities,
                visitors: VisitorCookie(
                    devices: adapters.devices, identifiers: dependencies.identifiers,
                    isSecure: settings.usesSecureCookies), accounts: dependencies.accounts.facade,
                browsers: BrowserSignIn(
                    services: adapters.services, targets: dependencies.pages.targets,
                    appURL: dependencies.process.appURL)
            ).route
        ]
    }
}
