import Commands
import Configuration
import Crypto
import Shared

/// The first `env/.env.production` of an installation, with a master key of its own beside it.
struct ProductionFile {
    static let path = "env/.env.production"
    static let masterKeyPath = "env/master.key"

    /// What an installation is asked at its beginning, in this order.
    struct Question: Sendable {
        let variable: String
        /// With its dashes: `--url`.
        let option: String
        /// What its value is: `URL`.
        let value: String
        let text: String
        /// What an empty answer means; nil: there has to be one.
        let whenEmpty: String?
        /// Asked only if this one was answered.
        var needs: String?

        static let all = [
            Question(
                variable: "APP_URL", option: "--url", value: "URL",
                text: "The https address that people will see, such as https://id.example.com", whenEmpty: nil),
            Question(
                variable: "DATABASE_URL", option: "--database-url", value: "URL",
                text: "PostgreSQL, as postgres://USER:PASSWORD@HOST:5432/NAME", whenEmpty: "a file of SQLite"),
            Question(
                variable: "DATA_DIR", option: "--data-dir", value: "DIR",
                text: "The folder of the data", whenEmpty: "./data"),
            Question(
                variable: "TRUSTED_PROXIES", option: "--trusted-proxies", value: "LIST",
                text: "Addresses of the proxies in front of Gapura, separated by commas", whenEmpty: "none"),
            Question(
                variable: "GATEWAYS", option: "--gateways", value: "LIST",
                text: "Addresses of gateways that may ask without a key", whenEmpty: "none; each needs a key"),
            Question(
                variable: "SMTP_HOST", option: "--smtp-host", value: "HOST",
                text: "The mail server", whenEmpty: "none yet; mails stay queued"),
            Question(
                variable: "MAIL_FROM", option: "--mail-from", value: "SENDER",
                text: "The sender of mails, such as Gapura <no-reply@example.com>", whenEmpty: nil, needs: "SMTP_HOST"),
        ]
    }

    private let masterKey: String
    /// By variable; empty ones are absent.
    private var answers: [String: String] = [:]

    init(random: any RandomSource) { masterKey = MasterKeyFile.text(random: random) }

    mutating func answer(_ question: Question, _ text: String) {
        answers[question.variable] = text.isEmpty ? nil : text
    }

    func isAsked(_ question: Question) -> Bool { question.needs.map { answers[$0] != nil } ?? true }

    func hasAnswer(_ question: Question) -> Bool { answers[question.variable] != nil }

    /// What production would not start with, by the variable's name.
    var failures: [SettingsReader.Failure] {
        var reader = SettingsReader(values: answers.merging(["MASTER_KEY": masterKey]) { _, key in key }) { _ in "" }
        _ = AppSettings(&reader, environment: .production)
        for (name, answer) in answers.sorted(by: { $0.key < $1.key })
        where answer.unicodeScalars.contains(where: { $0.value < 0x20 }) {
            reader.fail(name, "must be one line")
        }
        return reader.failures
    }

    /// Makes both files. If one of them is there already, nothing is left of the other.
    ///
    /// - Throws: `CommandFailure`.
    func write() throws {
        guard try PrivateFile.make(Self.masterKeyPath, masterKey + "\n") else { throw Self.isThere(Self.masterKeyPath) }
        do {
            guard try PrivateFile.make(Self.path, text) else { throw Self.isThere(Self.path) }
        } catch {
            PrivateFile.remove(Self.masterKeyPath)
            throw error
        }
    }

    private static func isThere(_ path: String) -> CommandFailure {
        CommandFailure(
            code: .failure, message: "\(path) is there already and is not written over: move it away, or edit it")
    }

    var text: String {
        var lines = [
            "# Written by gapura init, for APP_ENV=production. env/.env.example documents every variable.", "",
            "MASTER_KEY_FILE=\(Self.masterKeyPath)",
        ]
        for question in Question.all {
            if let answer = answers[question.variable] {
                lines.append("\(question.variable)=\(Self.quoted(answer))")
            } else {
                lines.append("# \(question.variable)=")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Quotes at both ends would be taken off when the file is read, and so would spaces.
    private static func quoted(_ text: String) -> String {
        let ends = [text.first, text.last].compactMap { $0 }
        return ends.contains { $0 == "\"" || $0 == "'" || $0.isWhitespace } ? "\"\(text)\"" : text
    }
}
