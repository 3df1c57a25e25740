/// One word after `gapura`, and what it does.
protocol Command: Sendable {
    /// `admin create`
    var name: String { get }
    /// The names of what follows: `EMAIL`.
    var parameters: [String] { get }
    /// One line.
    var summary: String { get }
    /// What `--help` tells beyond the summary.
    var details: String { get }
    /// Whether `--json` prints data for programs.
    var printsData: Bool { get }
    var options: [CommandOption] { get }

    /// - Throws: `CommandFailure`, or any failure of what it uses.
    func run(_ invocation: Invocation) async throws -> ExitCode
}

extension Command {
    var parameters: [String] { [] }
    var details: String { "" }
    var printsData: Bool { false }
    var options: [CommandOption] { [] }
}

/// An option with a value.
struct CommandOption: Sendable {
    /// With its dashes: `--revoke`.
    let name: String
    /// What its value is: `KID`.
    let value: String
}

/// Why a command ends before its work, told to its user.
struct CommandFailure: Error {
    let code: ExitCode
    let message: String
}
