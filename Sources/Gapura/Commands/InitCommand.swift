import Commands
import Configuration
import FoundationEssentials
import Glibc
import Shared

struct InitCommand: Command {
    let name = "init"
    let summary = "Write env/.env.production with a new master key, and show what comes next."
    let details = """
        At a terminal it asks for what no option gives; elsewhere --url is needed. The master key is in
        env/master.key. Both files are for their owner only, and neither is ever written over.
        With --service it shows the commands of an installation that systemd runs as UNIT; gapuractl gives it.
        """
    let options =
        ProductionFile.Question.all.flatMap {
            Self.secret($0)?.options ?? [CommandOption(name: $0.option, value: $0.value)]
        }
        + [CommandOption(name: service, value: "UNIT")]

    private static let service = "--service"

    /// The way by a file, for what may have a password in it.
    private static func secret(_ question: ProductionFile.Question) -> SecretOption? {
        question.variable == "DATABASE_URL" ? SecretOption(name: question.option, value: question.value) : nil
    }

    func run(_ invocation: Invocation) async throws -> ExitCode {
        var file = ProductionFile(random: SystemRandomSource())
        let isAtTerminal = isatty(0) == 1
        for question in ProductionFile.Question.all {
            let given = try Self.secret(question)?.read(invocation)?.text ?? invocation.options[question.option]
            if let given {
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
        Console.write(Self.next(unit: invocation.options[Self.service]))
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

    private static func next(unit: String?) -> String {
        let commands =
            if let unit {
                """
                Next:
                  sudo systemctl start \(unit)
                  sudo gapuractl admin create you@example.com     # prints a link; open it in a browser
                """
            } else {
                """
                Next, in this folder:
                  gapura migrate up
                  gapura admin create you@example.com     # prints a link; open it once the server runs
                  gapura serve
                """
            }
        return """
            Wrote \(ProductionFile.path) and \(ProductionFile.masterKeyPath) in \(FileManager.default.currentDirectoryPath).
            Keep a copy of the master key, apart from the backups: without it no signing key can be read.

            \(commands)
            """
    }
}

extension String {
    var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
