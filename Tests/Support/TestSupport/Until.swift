/// Waits for what another task or process brings about, a minute at most.
///
/// - Throws: `WaitedInVain`, which says where; what the condition throws.
package func until(
    file: StaticString = #fileID, line: Int = #line, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw WaitedInVain(file: "\(file)", line: line) }
        try await Task.sleep(for: .milliseconds(1))
    }
}

/// A minute passed, and the condition did not come true.
package struct WaitedInVain: Error, CustomStringConvertible {
    let file: String
    let line: Int

    package var description: String { "waited a minute in vain at \(file):\(line)" }
}
