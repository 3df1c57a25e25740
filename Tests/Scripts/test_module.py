"""`make module`: what it refuses, and that what it makes builds, passes its tests and can be wired as it says.

The module is made in a copy of the tree, which stays in .build, so that a later run builds little but the module.
"""

import filecmp
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COPY = ROOT / ".build/module"
TEMPORARY = ROOT / ".build/tmp"
# A build sees what it would see in the tree itself, nothing of the caller's.
GIVEN = ("CI", "HOME", "PATH", "TEST_DATABASE_URL")
ENVIRONMENT = {name: os.environ[name] for name in GIVEN if name in os.environ}
ENVIRONMENT |= {"TMPDIR": str(TEMPORARY), "PYTHONDONTWRITEBYTECODE": "1"}

# Only what the tests of the module, the Architecture tests and the program need.
PRUNING = """
var wanted: Set = [
    "ArchitectureTests", "GapuraTests", "ReviewsTests", "ReviewsAdapterTests", "ReviewsIntegrationTests", "Gapura",
]
var count = 0
while wanted.count != count {
    count = wanted.count
    for target in package.targets where wanted.contains(target.name) {
        for case .byNameItem(let name, _) in target.dependencies { wanted.insert(name) }
    }
}
package.targets.removeAll { !wanted.contains($0.name) }
"""

# By the readers of the tests that compare the documents with the program.
DOCUMENTS_CHECK = """
import test_documents as documents

documents.SWIFT_SOURCES = [path for path in documents.SWIFT_SOURCES if "Reviews" in path.parts]
assert documents.catalogued_events()["review.created"] == documents.declared_events()["review.created"]
assert ("409", "review_title_taken") in documents.documented_problems()
"""

# What was made, used over the socket: guarded, idempotent, audited.
SOCKET_CHECK = """
import tempfile
from support.gateway import Administrator
from support.server import Server

with tempfile.TemporaryDirectory() as folder:
    server = Server(folder)
    try:
        admin = Administrator(server)

        def send(body, **headers):
            return admin.client.request("POST", "/reviews", json=body, headers=admin.headers | headers)

        nobody = server.client().post("/reviews", json={"title": "Good"})
        assert nobody.status_code == 401, nobody.text
        made = [send({"title": "Good"}, **{"Idempotency-Key": "k"}) for _ in range(2)]
        assert [answer.status_code for answer in made] == [201, 201], made[0].text
        assert made[0].json() == made[1].json() and made[1].headers["Idempotent-Replayed"] == "true"
        assert server.client().get(made[0].headers["Location"]).json()["title"] == "Good"
        taken = send({"title": "Good"})
        assert (taken.status_code, taken.json()["code"]) == (409, "review_title_taken"), taken.text
        lines = admin("GET", "/audit?action=review.created")["data"]
        assert [line["subject"] for line in lines] == ["review:" + made[0].json()["id"]], lines
        operation = server.client().get("/openapi.json").json()["paths"]["/reviews"]["post"]
        assert operation["security"] and {"401", "403", "409", "422"} <= operation["responses"].keys()
    finally:
        server.stop()
"""


def files_below(root):
    """Paths from the root, of what is part of the project."""
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in (".build", ".git", "data", "__pycache__")]
        yield from (Path(folder, name).relative_to(root) for name in files)


def copy_tree():
    """Makes the copy like the tree. What did not change keeps its time, so that it is not built again."""
    wanted = set(files_below(ROOT))
    for path in set(files_below(COPY)) - wanted:
        (COPY / path).unlink()
    for path in wanted:
        target = COPY / path
        if not target.exists() or not filecmp.cmp(target, ROOT / path, shallow=False):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, target)
    # A folder that stayed without files would be a target's.
    for folder, _, _ in os.walk(COPY, topdown=False):
        if ".build" not in Path(folder).relative_to(COPY).parts and not os.listdir(folder):
            os.rmdir(folder)


@pytest.fixture
def copy():
    TEMPORARY.mkdir(parents=True, exist_ok=True)
    copy_tree()
    return COPY


def run(*command, folder=COPY, **variables):
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT | variables, capture_output=True, text=True)


def output(*command, **variables):
    result = run(*command, **variables)
    assert result.returncode == 0, result.stdout[-20_000:] + result.stderr[-20_000:]
    return result.stdout


def edit(path, *changes):
    """Replaces texts that stand there once."""
    text = (COPY / path).read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, f"{path}: {old!r}"
        text = text.replace(old, new)
    (COPY / path).write_text(text, encoding="utf-8")


def steps(printed):
    """The lines to be added by hand, by file."""
    blocks = [block.splitlines() for block in printed.split("\n\n")]
    return {block[0].split(",")[0]: block[1:] for block in blocks if re.match(r"\S+/\S+\.(swift|md), ", block[0])}


def before(place, *lines):
    return (place, "".join(f"{line}\n" for line in lines) + place)


def wire(added):
    """Adds the printed lines as a person would."""
    composition = "Sources/Gapura/Composition"
    statement, plan = added[f"{composition}/Modules.swift"]
    edit(
        f"{composition}/Modules.swift",
        before("\n/// The modules of this program", statement),
        before("        ]\n    }\n\n    /// The names of the queues", plan),
    )
    conflict = re.search(r"^\| 409 \|.*\n", (COPY / "docs/api.md").read_text(encoding="utf-8"), re.MULTILINE)[0]
    edit("docs/api.md", before(conflict, *added["docs/api.md"]))


def test_a_new_module_builds_passes_its_tests_and_is_served(copy):
    manifest = (copy / "Package.swift").read_text(encoding="utf-8").splitlines()
    printed = output("make", "--silent", "module", "NAME=Reviews")
    made = printed.split("\n\n")[0].splitlines()
    assert len(made) > 20 and all((copy / path).is_file() for path in made)
    lines = (copy / "Package.swift").read_text(encoding="utf-8").splitlines()
    added = [line for line in lines if line not in manifest]
    assert len(added) == 1 and len(lines) == len(manifest) + 1

    folders = sorted({str(Path(*Path(path).parts[:3])) for path in made})
    output("swift", "format", "lint", "--strict", "-r", "--configuration", ".swift-format", "Package.swift", *folders)

    wire(steps(printed))
    with (copy / "Package.swift").open("a", encoding="utf-8") as file:
        file.write(PRUNING)
    output(
        "swift", "build", "--build-tests", "--build-system", "native", "--explicit-target-dependency-import-check",
        "error",
    )
    tested = output("swift", "test", "--skip-build")
    suites = [
        "The architecture", "Adding a review", "Reviews over HTTP", "Reviews, wired over each database",
        "The ports of Reviews, over each adapter",
    ]
    for suite in suites:
        assert f'Suite "{suite}" passed' in tested

    gapura = str(copy / ".build/debug/gapura")
    assert "/reviews/{id}" in output(gapura, "routes", folder=TEMPORARY, APP_ENV="development")
    output(str(copy / "scripts/events"), GAPURA_BINARY=gapura)
    output(sys.executable, "-c", DOCUMENTS_CHECK, PYTHONPATH="Tests/EndToEnd")
    output(sys.executable, "-c", SOCKET_CHECK, PYTHONPATH="Tests/EndToEnd", GAPURA_BINARY=gapura)


def test_a_module_may_have_any_name_and_example(copy):
    """Names decide over the order of imports and the breaks of lines."""
    for arguments in (["NAME=Zoos"], ["NAME=Billing", "ENTITY=Invoice"], ["NAME=LongNamesOfVariousOtherThings"]):
        printed = output("make", "--silent", "module", *arguments)
        made = printed.split("\n\n")[0].splitlines()
        assert not [path for path in made if "__" in path + (copy / path).read_text(encoding="utf-8")]
        swift = [path for path in made if path.endswith(".swift")]
        output("swift", "format", "lint", "--strict", "--configuration", ".swift-format", "Package.swift", *swift)
    assert (copy / "Sources/Modules/Billing/Domain/Invoice.swift").is_file()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "usage"),
        (["NAME="], "usage"),
        (["NAME=reviews"], "UpperCamelCase"),
        (["NAME=../Reviews"], "UpperCamelCase"),
        (["NAME=Re-views"], "UpperCamelCase"),
        (["NAME=Revieẇs"], "UpperCamelCase"),
        (["NAME=2Reviews"], "UpperCamelCase"),
        (["NAME=" + "A" * 31], "more than 30"),
        (["NAME=Accounts"], "a target Accounts already"),
        (["NAME=accounts"], "UpperCamelCase"),
        (["NAME=ACCOUNTS"], "a target Accounts already"),
        (["NAME=HTTP"], "a target HTTP already"),
        (["NAME=Architecture"], "a target ArchitectureTests already"),
        (["NAME=Classes", "ENTITY=Class"], "means something"),
        (["NAME=Protocol"], "means something"),
        (["NAME=Tasks"], "means something"),
        (["NAME=Users"], "a table users already"),
        (["NAME=Group", "ENTITY=Member"], "SQL reserves it"),
        (["NAME=Requests"], "a type Request already"),
        (["NAME=Reviews", "ENTITY=review"], "UpperCamelCase"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_the_reason_and_nothing_is_written(arguments, reason):
    files = set(files_below(ROOT))
    manifest = (ROOT / "Package.swift").read_bytes()
    result = run("make", "--silent", "module", *arguments, folder=ROOT)
    assert result.returncode != 0
    assert "module: " in result.stderr and reason in result.stderr
    assert set(files_below(ROOT)) == files
    assert (ROOT / "Package.swift").read_bytes() == manifest
