"""That a unit of work keeps its context to itself: what would let it out, or wait in it, does not compile."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["-swift-version", "6", "-package-name", "gapura", "-warnings-as-errors"]
for feature in re.findall(r'enableUpcomingFeature\("(\w+)"\)', (ROOT / "Package.swift").read_text(encoding="utf-8")):
    FLAGS += ["-enable-upcoming-feature", feature]

NOTES = """
package protocol NotesContext: UnitOfWorkContext {
    func notes() throws -> [String]
}

package typealias NotesWork = UnitOfWork<any NotesContext>

func later(_: Int) async -> Int { 1 }

struct Service {
    let work: any NotesWork
"""

GOOD = """
    func count(of tenant: Identifier) async throws -> Int {
        let own = try await work.read { try $0.notes().count }
        let theirs = try await work.write(in: .tenant(tenant)) { context in
            try context.audit(.done("notes.counted", by: "system"))
            return try context.notes().count
        }
        return own + theirs
    }
"""

BAD = {
    "returned": "func leak() async throws -> any NotesContext { try await work.read { $0 } }",
    "kept": "func leak() async throws { var kept: (any NotesContext)?; try await work.write { kept = $0 }; _ = kept }",
    "in a closure that leaves": "func leak() async throws -> @Sendable () throws -> [String] "
    "{ try await work.read { context in { try context.notes() } } }",
    "waited with": "func wait() async throws -> Int { try await work.read { await later(try $0.notes().count) } }",
}


def errors(tmp_path, body):
    source = tmp_path / "Snippet.swift"
    source.write_text(f"{NOTES}{body}}}\n", encoding="utf-8")
    shared = sorted((ROOT / "Sources/Shared").rglob("*.swift"))
    result = subprocess.run(
        ["swiftc", "-typecheck", *FLAGS, *shared, source], capture_output=True, text=True, timeout=300)
    return re.findall(r"^.*Snippet\.swift:\d+:\d+: error: .*$", result.stderr, re.MULTILINE), result


def test_a_unit_of_work_compiles_with_the_flags_of_the_manifest(tmp_path):
    found, result = errors(tmp_path, GOOD)
    assert result.returncode == 0, result.stderr[-5_000:]
    assert found == []


def test_a_context_that_leaves_or_waits_does_not_compile(tmp_path):
    first = NOTES.count("\n") + 1
    body = "".join(f"    {line.replace('()', f'{number}()', 1)}\n" for number, line in enumerate(BAD.values()))
    found, _ = errors(tmp_path, body)
    # One line each.
    lines = {int(re.search(r"Snippet\.swift:(\d+):", error)[1]) for error in found}
    assert lines == set(range(first, first + len(BAD))), found
