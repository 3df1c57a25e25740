/// One word after `gapura`, and what it does.
package protocol Command: Sendable {
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
    /// Options without a value, with their dashes.
    var flags: [String] { get }

    /// - Throws: `CommandFailure`, or any failure of what it uses.
    func run(_ invocation: Invocation) async throws -> ExitCode
}

extension Command {
    package var parameters: [String] { [] }
    package var details: String { "" }
    package var printsData: Bool { false }
    package var options: [CommandOption] { [] }
    package var flags: [String] { [] }
}

/// An option with a value.
package struct CommandOption: Sendable {
    /// With its dashes: `--revoke`.
    package let name: String
    /// What its value is: `KID`.
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// Why a command ends before its work, told to its user.
package struct CommandFailure: Error {
    package let code: ExitCode
    package let message: String

    package init(code: ExitCode, message: String) {
        self.code = code
        self.message = message
    }
}
