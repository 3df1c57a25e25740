import Testing

@testable import HTTPClient

@Suite("What a server's answers mean")
struct SMTPDialogueTests {
    private func dialogue(_ lines: String...) -> SMTPDialogue {
        var dialogue = SMTPDialogue()
        for line in lines {
            let bytes = Array((line.dropFirst(2) + "\r\n").utf8)
            if line.hasPrefix("C:") { dialogue.sent(bytes) } else { dialogue.received(bytes) }
        }
        return dialogue
    }

    private func failure(_ lines: String...) -> SMTPFailure {
        var dialogue = SMTPDialogue()
        for line in lines {
            let bytes = Array((line.dropFirst(2) + "\r\n").utf8)
            if line.hasPrefix("C:") { dialogue.sent(bytes) } else { dialogue.received(bytes) }
        }
        return SMTPFailure(stage: dialogue.stage, reply: dialogue.reply, cause: "the cause")
    }

    @Test(
        "a refused recipient condemns the address",
        arguments: [
            "550 no such user", "550 5.1.1 <ani@example.com> unknown", "553 5.1.3 bad", "550 5.2.1 disabled",
            "550 5.4.1 denied",
        ])
    func recipientRefused(reply: String) {
        let failure = failure("C:MAIL FROM:<a@example.com>", "S:250 OK", "C:RCPT TO:<ani@example.com>", "S:\(reply)")
        #expect(failure.kind == .recipientRefused)
        #expect(failure.stage == .recipient)
        #expect(!failure.description.contains("ani"))
    }

    @Test(
        "an answer that is not about the reader condemns no address",
        arguments: [
            "451 4.2.0 later", "421 closing", "452 4.5.3 too many", "550 5.7.1 relaying denied", "554 5.7.1 listed",
            "550 5.1.8 bad sender", "552 5.2.2 mailbox full", "530 5.7.0 STARTTLS first", "503 order", "552 full",
        ])
    func temporary(reply: String) {
        #expect(failure("C:RCPT TO:<ani@example.com>", "S:\(reply)").kind == .temporary)
    }

    @Test(
        "a permanent refusal before the recipient is about us: trying again may help",
        arguments: ["C:EHLO example.com", "C:STARTTLS", "C:AUTH PLAIN", "C:MAIL FROM:<a@example.com>"])
    func aboutUs(command: String) {
        #expect(failure(command, "S:550 5.1.1 no").kind == .temporary)
    }

    @Test("a refused message is refused, not its reader, unless the server says so")
    func data() {
        #expect(failure("C:DATA", "S:354 go", "S:554 spam").kind == .messageRefused)
        #expect(failure("C:DATA", "S:354 go", "S:550 5.7.1 policy").kind == .messageRefused)
        #expect(failure("C:DATA", "S:354 go", "S:550 5.1.1 unknown").kind == .recipientRefused)
        #expect(failure("C:DATA", "S:354 go", "S:451 later").kind == .temporary)
    }

    @Test("without an answer it is temporary, and the cause is libcurl's")
    func noAnswer() {
        #expect(failure().description == "connection: the cause")
        #expect(failure("C:RCPT TO:<ani@example.com>").kind == .temporary)
        #expect(failure("C:MAIL FROM:<a@example.com>", "S:250 OK").description == "sender: the cause")
    }

    @Test("the last line of an answer counts")
    func lines() {
        let reply = dialogue("C:RCPT TO:<a@example.com>", "S:550-5.1.1 The account", "S:550 5.1.1 does not exist").reply
        #expect(reply == SMTPReply(code: 550, enhancedStatus: "5.1.1"))
    }

    @Test("the farewell changes nothing, a new greeting begins anew")
    func farewell() {
        let refused = dialogue("C:RCPT TO:<a@example.com>", "S:550 no", "C:QUIT", "S:221 bye")
        #expect(refused.stage == .recipient)
        #expect(refused.reply?.code == 550)
        let next = dialogue("C:QUIT", "S:221 bye", "C:EHLO example.com", "S:250 hello")
        #expect(next.stage == .connection)
        #expect(next.reply?.code == 250)
    }

    @Test("a line of credentials is no command")
    func credentials() {
        #expect(dialogue("C:AUTH LOGIN", "S:334 x", "C:DATA", "S:535 5.7.8 no").stage == .data)
        #expect(dialogue("C:AUTH LOGIN", "S:334 x", "C:ZGF0YQ==", "S:535 5.7.8 no").stage == .authentication)
    }

    @Test(
        "what is not an answer is none",
        arguments: ["", "25", "abc OK", "099 no", "600 no", "55x 5.1.1"])
    func noReply(line: String) {
        #expect(SMTPReply(line: Array(line.utf8)) == nil)
    }

    @Test(
        "an enhanced status is read only where it is one",
        arguments: [
            ("550 5.1.1 no", "5.1.1"), ("550 5.1.1", "5.1.1"), ("550 4.1.1 no", nil), ("550 5.1 no", nil),
            ("550 no", nil), ("550", nil), ("550 5.1.1111 no", nil), ("550 5..1 no", nil),
        ] as [(String, String?)])
    func enhancedStatus(line: String, status: String?) {
        #expect(SMTPReply(line: Array(line.utf8))?.enhancedStatus == status)
    }
}

@Suite("An SMTP server's name")
struct SMTPSettingsTests {
    @Test(
        "is a host name or an IP address",
        arguments: ["mail.example.com", "localhost", "192.0.2.1", "[2001:db8::1]", "xn--e1afmkfd.example"])
    func host(text: String) {
        #expect(SMTPSettings.isHost(text))
    }

    @Test(
        "is nothing that changes the address it is put into",
        arguments: ["", "a/b", "a:25", "user@host", "a?b", "a#b", "a b", "-a", "[127.0.0.1]", "[::1", "h\u{E9}"])
    func noHost(text: String) {
        #expect(!SMTPSettings.isHost(text))
    }
}
