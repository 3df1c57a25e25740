/// The command line, read: words, options with a value, and flags.
package struct Invocation: Sendable {
    /// What follows the command's name, without options.
    package let values: [String]
    package let wantsJSON: Bool
    /// By name, with its dashes: `--revoke`.
    package let options: [String: String]
    /// Of the command's own, with their dashes.
    package let flags: Set<String>
    /// Opens the installation; a command of a module looks at what it was given before.
    package let open: @Sendable () async throws -> Void

    package init(
        values: [String], wantsJSON: Bool = false, options: [String: String] = [:], flags: Set<String> = [],
        open: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.values = values
        self.wantsJSON = wantsJSON
        self.options = options
        self.flags = flags
        self.open = open
    }
}
