import Commands
import Glibc

/// The executable: picks the command and ends with its exit code.
@main
enum Gapura {
    static func main() async {
        exit(await run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    /// Leaves the main thread, which would else run everything that waits.
    @concurrent
    private static func run(_ arguments: [String]) async -> ExitCode {
        await CommandRunner(commands: CommandRunner.all).run(arguments)
    }
}
