import Glibc
import Lifecycle

/// The executable: picks the command and ends with its exit code.
@main
enum Gapura {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let stop = Latch()
        // Here, before other threads exist: they take over that the signals are blocked. Only serving ends in order.
        if arguments.first == "serve" { SignalWatch.start(opening: stop) }
        exit(await run(arguments, stop: stop).rawValue)
    }

    /// Leaves the main thread, which would else run everything that waits.
    @concurrent
    private static func run(_ arguments: [String], stop: Latch) async -> ExitCode {
        await CommandRunner(commands: CommandRunner.all, stop: stop).run(arguments)
    }
}
