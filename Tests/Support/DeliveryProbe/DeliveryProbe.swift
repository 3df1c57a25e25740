import Glibc
import SQL
import Shared

/// A process that runs jobs and delivers events over a database with Gapura's schema, to be killed and to be measured:
/// by test_killed_workers.py and test_crashes.py of Tests/EndToEnd, and by Benchmarks/run.
@main
enum DeliveryProbe {
    static func main() async {
        do {
            try await run(Array(CommandLine.arguments.dropFirst()))
        } catch {
            Report.write("\(error)")
            exit(1)
        }
    }

    /// Leaves the main thread, which would else run everything that waits.
    @concurrent
    private static func run(_ arguments: [String]) async throws {
        guard arguments.count == 3, let number = Int(arguments[2]) else { throw usage }
        let database = try ProbeDatabase.open(arguments[1])
        switch arguments[0] {
        case "crash": try await CrashProbe(database).run(number)
        case "work": try await WorkProbe(database).run(leaseSpeed: number)
        case "tick": try await TickProbe(database).run(ticks: number)
        case "noop": try await NoopProbe(database).run(count: number)
        case "events": try await EventProbe(database).run(count: number)
        case "latency": try await EventProbe(database).measureLatency(count: number)
        default: throw usage
        }
    }

    private static var usage: InternalFailure {
        InternalFailure("usage: DeliveryProbe crash|work|tick|noop|events|latency DATABASE_URL NUMBER")
    }
}

/// What a probe says, at once.
enum Report {
    static func write(_ line: String) {
        print(line)
        fflush(nil)
    }

    /// `{"count": 7, "seconds": 0.5}`
    static func write(_ figures: KeyValuePairs<String, Double>) {
        write("{\(figures.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", "))}")
    }
}
