/// The words of a command line, sorted into kinds.
struct ParsedArguments: Sendable, Equatable {
    private(set) var words: [String] = []
    private(set) var flags: Set<String> = []
    private(set) var options: [String: String] = [:]
    /// An option whose value is missing.
    private(set) var incomplete: String?

    /// - Parameter valued: the options that take a value: `--revoke KID` or `--revoke=KID`.
    init(_ arguments: [String], valued: Set<String>) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if valued.contains(parts[0]) {
                let value = parts.count == 2 ? parts[1] : rest.popFirst()
                if let value, !value.isEmpty { options[parts[0]] = value } else { incomplete = parts[0] }
            } else if argument.hasPrefix("-"), argument != "-" {
                flags.insert(argument)
            } else {
                words.append(argument)
            }
        }
    }
}
