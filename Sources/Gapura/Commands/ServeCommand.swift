import Commands
import Composition
import FoundationEssentials
import HTTPServer
import Lifecycle
import SQLite
import Shared
import Telemetry
import Threads

struct ServeCommand: Command {
    let name = "serve"
    let summary = "Serve the modules over HTTP, with everything they need in the background."
    let details = "Ends in order at SIGTERM or SIGINT, within SHUTDOWN_GRACE; at once at the second one."

    func run(_: Invocation) async throws -> ExitCode {
        let stop = Latch()
        let signals = SignalWatch(opening: stop)
        defer { withExtendedLifetime(signals) {} }
        let settings = try SettingsLoader.load()
        let clock = SystemWallClock()
        let logger = Logger(
            level: settings.logLevel, sink: DescriptorLogSink(format: settings.logFormat, clock: clock))
        if settings.environment.isProduction, !ProcessMemory.keepPrivate() {
            logger.warning("the memory of this process is not kept private: the system refuses it")
        }
        let manager = ServiceManager(ProcessInfo.processInfo.environment, logger: logger)
        let lock = try settings.database.lockFile()
        defer { lock?.release() }
        let installation = try await Installation(settings, logger: logger)
        ProcessMetrics.register(in: installation.metrics)
        for warning in installation.modules.flatMap(\.warnings) { logger.warning(warning) }
        let application = try WebApplication(installation)
        let readiness = application.readiness
        let server = HTTPServer(
            name: "http", settings: settings.server, application: application.router, logger: logger)
        let adminServer = settings.adminServer.map {
            HTTPServer(name: "admin http", settings: $0, application: application.adminRouter, logger: logger)
        }
        let services: [any Service] =
            [manager.watchdog].compactMap { $0 } + installation.services + [adminServer, server].compactMap { $0 }
        let welcome = try await welcomeText(installation)
        try await ServiceGroup(services, grace: settings.shutdownGrace, logger: logger).run(until: stop) {
            readiness.setServing(true)
            logger.info(
                "ready",
                [
                    "version": .text(Version.current), "address": LogValue(settings.server.host),
                    "port": LogValue(server.boundPort ?? 0), "admin_port": LogValue(adminServer?.boundPort ?? 0),
                ])
            manager.reportReady("Serving at \(settings.appURL)")
            if let welcome { Console.write(welcome) }
        } stopping: {
            manager.reportStopping()
            readiness.setServing(false)
            logger.info("stopping")
        }
        logger.info("stopped")
        return .success
    }

    /// In development, where to go; on the first start with the link that makes the administrator.
    private func welcomeText(_ installation: Installation) async throws -> String? {
        let settings = installation.settings
        guard settings.environment == .development else { return nil }
        var lines = [
            "", "Gapura is at \(settings.appURL)", "The API: \(settings.appURL)\(DocumentationPage.path)",
        ]
        for module in installation.modules { lines += try await module.welcome() }
        return lines.joined(separator: "\n") + "\n"
    }
}
