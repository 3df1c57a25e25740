import Commands

struct VersionCommand: Command {
    let name = "version"
    let summary = "Print the version."
    let printsData = true

    func run(_ invocation: Invocation) async throws -> ExitCode {
        Console.write(invocation.wantsJSON ? #"{"version":"\#(Version.current)"}"# : Version.current)
        return .success
    }
}
