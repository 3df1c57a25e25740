import Commands
import Composition
import JSON
import NotificationsApplication
import NotificationsDomain

struct TemplatesPreviewCommand: Command {
    let name = "templates preview"
    let parameters = ["NAME"]
    let summary = "Show a mail with made-up values: subject and text, or its HTML."
    let details = """
        NAME is a template such as verify_email; files in TEMPLATES_DIR count. Without --locale the mail is English. \
        --text is the default, --html prints the HTML alone. Nothing is sent. Exit code 1 if there is no such template.
        """
    let printsData = true
    let options = [CommandOption(name: "--locale", value: "LOCALE")]
    let flags = ["--html", "--text"]
    let notifications: Provided<NotificationsModule>

    func run(_ invocation: Invocation) async throws -> ExitCode {
        let text = invocation.values[0]
        guard let template = NotificationTemplate(rawValue: text) else {
            let known = NotificationTemplate.allCases.map(\.rawValue).sorted().joined(separator: ", ")
            Console.writeError("gapura: there is no template \(text); there are: \(known)")
            return .failure
        }
        guard invocation.flags.count < 2 else {
            throw CommandFailure(code: .usage, message: "--html and --text exclude each other")
        }
        try await invocation.open()
        let mail = try notifications.get().preview(template, locale: invocation.options["--locale"] ?? "en")
        if invocation.wantsJSON {
            let data: JSONValue = [
                "template": .string(text), "subject": .string(mail.subject), "text": .string(mail.text),
                "html": .string(mail.html),
            ]
            Console.write(String(decoding: data.serialized, as: UTF8.self))
        } else if invocation.flags.contains("--html") {
            Console.write(mail.html)
        } else {
            Console.write("Subject: \(mail.subject)\n\n\(mail.text)")
        }
        return .success
    }
}
