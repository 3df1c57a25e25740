/// A command line, sorted into words and options. A single `-` is a word: it stands for standard input.
struct Arguments {
    private(set) var words: [String] = []
    /// Options without a value.
    private(set) var flags: Set<String> = []
    private(set) var options: [String: String] = [:]
    /// An option at the end that needs a value.
    private(set) var withoutValue: String?

    /// - Parameter valued: the options that have a value: `--from 10` or `--from=10`.
    init(_ arguments: [String], valued: Set<String>) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("-"), argument != "-" else {
                words.append(argument)
                continue
            }
            let pair = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if !valued.contains(pair[0]) {
                flags.insert(argument)
            } else if let value = pair.count == 2 ? pair[1] : rest.popFirst() {
                options[pair[0]] = value
            } else {
                withoutValue = argument
            }
        }
    }
}
