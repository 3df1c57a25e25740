import Commands
import Composition
import FoundationEssentials
import HTTPServer
import Lifecycle
import SQLite
import Shared
import Telemetry
import Threads

/// A process that lives until it is told to end.
enum ServerProcess {
    /// What it does.
    enum Role: Sendable, Equatable {
        /// Everything, or everything but jobs.
        case serve(doesJobs: Bool)
        /// What needs no requests.
        case work

        var doesJobs: Bool { self != .serve(doesJobs: false) }
    }

    static func run(_ role: Role) async throws -> ExitCode {
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
        let httpSettings = connectable(settings.server, databasePool: settings.databasePool, logger: logger)
        let manager = ServiceManager(ProcessInfo.processInfo.environment, logger: logger)
        let lock = try settings.database.lockFile()
        defer { lock?.release() }
        let installation = try await Installation(settings, logger: logger)
        ProcessMetrics.register(in: installation.metrics)
        for warning in installation.modules.flatMap(\.warnings) { logger.warning(warning) }
        let application = try WebApplication(installation)
        let readiness = application.readiness
        let server =
            role == .work
            ? nil
            : HTTPServer(name: "http", settings: httpSettings, application: application.router, logger: logger)
        let adminServer = settings.adminServer.map {
            HTTPServer(name: "admin http", settings: $0, application: application.adminRouter, logger: logger)
        }
        let services: [any Service] =
            [manager.watchdog].compactMap { $0 } + installation.services
            + (role.doesJobs ? installation.jobServices : []) + [adminServer, server].compactMap { $0 }
        let welcome = role == .work ? nil : try await welcomeText(installation)
        try await ServiceGroup(services, grace: settings.shutdownGrace, logger: logger).run(until: stop) {
            readiness.setServing(true)
            logger.info(
                "ready",
                [
                    "version": .text(Version.current), "address": LogValue(settings.server.host),
                    "port": LogValue(server?.boundPort ?? 0), "admin_port": LogValue(adminServer?.boundPort ?? 0),
                ])
            manager.reportReady(role == .work ? "Working" : "Serving at \(settings.appURL)")
            if let welcome { Console.write(welcome) }
        } stopping: {
            manager.reportStopping()
            readiness.setServing(false)
            logger.info("stopping")
        }
        logger.info("stopped")
        return .success
    }

    /// The settings with no more connections than there may be files, so that the database's always find room.
    private static func connectable(
        _ settings: HTTPServerSettings, databasePool: Int, logger: Logger
    ) -> HTTPServerSettings {
        let files = OpenFiles.raiseLimit()
        let room = max(16, files - databasePool - 200)
        guard room < settings.connectionLimit else { return settings }
        var settings = settings
        settings.connectionLimit = room
        logger.warning(
            "few files may be open in this process, so it takes fewer connections: raise the limit (LimitNOFILE, ulimit -Hn)",
            ["files": LogValue(files), "connections": LogValue(room)])
        return settings
    }

    /// In development, where to go; on the first start with the link that makes the administrator.
    private static func welcomeText(_ installation: Installation) async throws -> String? {
        let settings = installation.settings
        guard settings.environment == .development else { return nil }
        var lines = [
            "", "Gapura is at \(settings.appURL)", "The API: \(settings.appURL)\(DocumentationPage.path)",
        ]
        for module in installation.modules { lines += try await module.welcome() }
        return lines.joined(separator: "\n") + "\n"
    }
}
