import Commands
import Shared
import TestSupport
import Testing

@testable import Gapura
@testable import SQL

/// Notes how it was called, and ends as the test says.
private struct CommandDouble: Command {
    let name: String
    var parameters: [String] = []
    let summary = "A double."
    var printsData = false
    var flags: [String] = []
    let calls: Recorder<Invocation>
    var end: @Sendable () throws -> ExitCode = { .success }

    func run(_ invocation: Invocation) async throws -> ExitCode {
        calls.add(invocation)
        return try end()
    }
}

@Suite("The command line")
struct CommandRunnerTests {
    private let calls = Recorder<Invocation>()

    private func run(
        _ arguments: String..., end: @escaping @Sendable () throws -> ExitCode = { .success }
    ) async -> ExitCode {
        await CommandRunner(commands: [
            CommandDouble(name: "plain", calls: calls, end: end),
            CommandDouble(name: "group data", parameters: ["EMAIL"], printsData: true, calls: calls, end: end),
        ]).run(arguments)
    }

    @Test("a command is found by one word or two, and gets what follows")
    func finds() async {
        #expect(await run("plain") == .success)
        #expect(await run("group", "data", "ana@example.com") == .success)
        #expect(await run("group", "data", "--json", "ana@example.com") == .success)
        #expect(calls.all.map(\.values) == [[], ["ana@example.com"], ["ana@example.com"]])
        #expect(calls.all.map(\.wantsJSON) == [false, false, true])
    }

    @Test("a flag of a command reaches it, and no other command takes it")
    func flags() async {
        let runner = CommandRunner(commands: [
            CommandDouble(name: "plain", calls: calls), CommandDouble(name: "fast", flags: ["--no-jobs"], calls: calls),
        ])
        #expect(await runner.run(["fast"]) == .success)
        #expect(await runner.run(["fast", "--no-jobs"]) == .success)
        #expect(await runner.run(["plain", "--no-jobs"]) == .usage)
        #expect(calls.all.map(\.flags) == [[], ["--no-jobs"]])
    }

    @Test(
        "a wrong command line is 64 and runs nothing",
        arguments: [
            ["nothing"], ["plain", "extra"], ["group"], ["group", "data"], ["group", "data", "a", "b"],
            ["plain", "--json"],
            ["plain", "--force"], ["group", "data", "a", "-x"], ["help", "nothing"],
        ])
    func usage(_ arguments: [String]) async {
        let code = await CommandRunner(commands: [
            CommandDouble(name: "plain", calls: calls),
            CommandDouble(name: "group data", parameters: ["EMAIL"], printsData: true, calls: calls),
        ]).run(arguments)
        #expect(code == .usage)
        #expect(calls.all.isEmpty)
    }

    @Test(
        "help is 0 and runs nothing",
        arguments: [
            [], ["help"], ["--help"], ["-h"], ["help", "plain"], ["plain", "--help"], ["help", "group"],
            ["group", "data", "-h"],
        ])
    func help(_ arguments: [String]) async {
        let code = await CommandRunner(commands: [
            CommandDouble(name: "plain", calls: calls), CommandDouble(name: "group data", calls: calls),
        ]).run(arguments)
        #expect(code == .success)
        #expect(calls.all.isEmpty)
    }

    @Test("each failure has its exit code")
    func failures() async {
        #expect(await run("plain", end: { .failure }) == .failure)
        #expect(await run("plain", end: { throw CommandFailure(code: .usage, message: "x") }) == .usage)
        #expect(await run("plain", end: { throw Unavailable("database", reason: "x") }) == .unavailable)
        #expect(
            await run("plain", end: { throw MigrationRefusal(code: .schemaTooNew, module: "x", version: 1) })
                == .configuration)
        #expect(await run("plain", end: { throw InternalFailure("x") }) == .software)
    }

    @Test("the exit codes are those of sysexits.h")
    func codes() {
        let codes: [ExitCode] = [.success, .failure, .usage, .unavailable, .software, .configuration]
        #expect(codes.map(\.rawValue) == [0, 1, 64, 69, 70, 78])
    }

    @Test("no two commands of the program have one name, and none starts with another")
    func names() {
        let names = CommandRunner.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.contains("serve") && names.contains("migrate up"))
        // Of modules, known without any setting.
        #expect(Set(["admin create", "keys rotate", "quota reset", "users import"]).isSubset(of: names))
        for name in names {
            #expect(!names.contains { $0.hasPrefix(name + " ") })
        }
    }
}
