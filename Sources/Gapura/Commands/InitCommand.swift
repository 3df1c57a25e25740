import Commands
import Configuration
import Glibc
import Shared

struct InitCommand: Command {
    let name = "init"
    let summary = "Write env/.env.production with a new master key, and show what comes next."
    let details = """
        At a terminal it asks for what no option gives; elsewhere --url is needed. The master key is in
        env/master.key. Both files are for their owner only, and neither is ever written over.
        """
    let options = ProductionFile.Question.all.map { CommandOption(name: $0.option, value: $0.value) }

    func run(_ invocation: Invocation) async throws -> ExitCode {
        var file = ProductionFile(random: SystemRandomSource())
        let isAtTerminal = isatty(0) == 1
        for question in ProductionFile.Question.all {
            if let given = invocation.options[question.option] {
                file.answer(question, given)
            } else if isAtTerminal, file.isAsked(question) {
                try ask(question, of: &file)
            }
        }
        if let url = ProductionFile.Question.all.first, !file.hasAnswer(url) {
            throw CommandFailure(code: .usage, message: "\(url.option) is needed: \(url.text)")
        }
        let failures = file.failures
        guard failures.isEmpty else { throw SettingsLoader.failure(failures.map(\.description)) }
        try file.write()
        Console.write(Self.next)
        return .success
    }

    /// Asks until the answer is one that production would start with.
    private func ask(_ question: ProductionFile.Question, of file: inout ProductionFile) throws {
        let hint = question.whenEmpty.map { " (empty: \($0))" } ?? ""
        while true {
            Console.writeError("\(question.text)\(hint):")
            guard let line = readLine() else {
                throw CommandFailure(code: .usage, message: "the input ended before everything was answered")
            }
            file.answer(question, line.trimmed)
            if !file.hasAnswer(question) {
                if question.whenEmpty != nil { return }
            } else if let failure = file.failures.first(where: { $0.name == question.variable }) {
                Console.writeError("  \(failure.message)")
            } else {
                return
            }
        }
    }

    private static let next = """
        Wrote \(ProductionFile.path) and \(ProductionFile.masterKeyPath).
        Keep a copy of the master key, apart from the backups: without it no signing key can be read.

        Next, in this folder:
          gapura migrate up
          gapura admin create you@example.com     # prints a link; open it once the server runs
          gapura serve
        """
}

extension String {
    fileprivate var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
