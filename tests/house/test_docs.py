"""What the documents say is so: targets and commands exist, links lead somewhere, examples parse."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), ROOT / "sample_project/README.md", *(ROOT / "docs").rglob("*.md")])
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in DOCUMENTS}
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
STATUS = re.compile(r"^Status: (accepted|superseded by \d{4}|proposed)(; .*)?$", re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def anchors(text):
    """Give the anchors that a Markdown text's headings make, as the usual renderers build them."""
    titles = re.findall(r"^#+ +(.+?) *$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def code_in(text):
    """Give all code of a document: fenced blocks and inline."""
    inline = re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
    return [*(block for _, block in FENCE.findall(text)), *inline]


def test_every_make_target_named_in_a_document_exists():
    """`make x` in any document is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        (name, target)
        for name, text in TEXTS.items()
        for code in code_in(text)
        for target in re.findall(r"\bmake (?:[A-Z]+=\S+ )*([a-z]+)\b", code)
    }

    assert {target for _, target in named} >= {"demo", "test", "check"}
    assert {(name, target) for name, target in named if target not in targets} == set()


def test_every_target_explains_itself_in_help():
    """`make` alone lists each public target with a sentence."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE).group(1).split()
    explained = re.findall(r"^([a-z]+):.*## \S", makefile, re.MULTILINE)

    assert sorted(explained) == sorted(phony)


def test_one_case_of_the_benchmark_is_one_case():
    """`make bench` measures everything; with --only it runs the program that has the case, and no other."""

    def programs(arguments):
        make = ["make", "--dry-run", "bench", f"ARGS={arguments}"]
        said = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        return re.findall(r"bench/\w+\.py.*", said)

    assert programs("--only throughput --short") == ["bench/runtime.py --only throughput --short"]
    assert len(programs("--short")) > 1


@pytest.mark.parametrize("name", TEXTS)
def test_every_link_within_the_repository_leads_somewhere(name):
    """Files that documents point at exist, and so do the headings after a #."""
    broken = []
    for link in LINK.findall(FENCE.sub("", TEXTS[name])):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        if not target.exists() or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("name", TEXTS)
def test_every_toml_example_parses(name):
    """An example that a reader copies is at least valid TOML."""
    for language, block in FENCE.findall(TEXTS[name]):
        if language == "toml":
            tomllib.loads(block)


@pytest.mark.parametrize("name", TEXTS)
def test_every_python_example_compiles(name):
    """An example that a reader copies is at least valid Python."""
    for language, block in FENCE.findall(TEXTS[name]):
        if language == "python":
            compile(block, name, "exec")


def test_the_changelog_begins_with_what_is_not_yet_released():
    """The changelog follows Keep a Changelog: newest first, kinds of change by their usual names."""
    text = TEXTS["CHANGELOG.md"]
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))

    assert re.findall(r"^## (.+)$", text, re.MULTILINE)[0] == "[Unreleased]"
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_every_decision_follows_the_template():
    """Each decision has a number of its own, a status and the template's four parts."""
    decisions = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    parts = ["Context", "Decision", "Turned down", "Consequences"]

    assert [path.name[:4] for path in decisions] == [f"{number:04}" for number in range(len(decisions))]
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == parts, path.name
        assert STATUS.search(text), path.name


def test_what_a_decision_supersedes_says_so_too():
    """In whole or in part: either one names the other, and every one is in the list."""
    decisions = {path.name[:4]: path.read_text("utf-8") for path in ROOT.glob("docs/decisions/[0-9]*.md")}
    said = {number: STATUS.search(text)[0] for number, text in decisions.items()}

    def pairs(words):
        found = {number: re.search(rf"{words} (.*)", status) for number, status in said.items()}
        return {
            (number, other)
            for number, rest in found.items()
            if rest
            for other in re.findall(r"\b\d{4}\b", rest[1].partition(";")[0])
        }

    assert pairs("supersedes(?: in part)?") == {
        (new, old) for old, new in pairs("superseded(?: in part)? by")
    }
    titles = {number: re.match(r"# \d{4}: (.+)", text)[1] for number, text in decisions.items()}
    listed = re.findall(
        r"^\| \[(\d{4})\]\(\S+\) \| (.+) \|$", TEXTS["docs/decisions/README.md"], re.MULTILINE
    )
    assert dict(listed) == titles


def test_every_file_on_the_tour_exists():
    """A path in the tour is in the package, or one of the tests; a name after it is defined there."""
    tour = TEXTS["docs/tour.md"]
    package = ROOT / "runtime/tocsin"
    files = set(re.findall(r"`([a-z_]+/[\w/]+\.py)`", tour))
    tests = set(re.findall(r"`(tests/[\w/.]+)`", tour))
    named = re.findall(r"`([a-z_]+/[\w/]+\.py)`\*{0,2}, `([A-Za-z_.]+)`", tour)

    assert len(tests) > 2
    assert {path for path in tests if not (ROOT / path).exists()} == set()
    assert {path for path in files - tests if not (package / path).is_file()} == set()
    for path, name in named:
        source = (package / path).read_text(encoding="utf-8")
        missing = [part for part in name.split(".") if not re.search(rf"\b(def|class) {part}\b", source)]
        assert missing == [], f"{path}: {name}"


def command_of(words):
    """Give the command that these words name, and the words behind it."""
    import click

    from tocsin.cli import cli

    here, context = cli, click.Context(cli)
    while isinstance(here, click.Group) and words and words[0] in here.list_commands(context):
        here, words = here.get_command(context, words[0]), words[1:]
    return here, words


def test_every_command_named_in_a_document_exists():
    """`tocsin x y --option` in any document is a command, and the option is one of its own."""
    import click

    lines = [
        (name, line, found)
        for name, text in TEXTS.items()
        for code in code_in(text)
        for line in code.splitlines()
        for found in re.findall(r"(?:^|[\s/;|(])tocsin ([a-z][^;|&#]*)", line)
    ]
    wrong = []
    for name, line, found in lines:
        command, rest = command_of(found.split())
        if isinstance(command, click.Group) and (command.name == "cli" or (rest and rest[0].isalpha())):
            wrong.append((name, line, "is no command"))
        known = {"--help", "--version", *(one for each in command.params for one in each.opts)}
        given = {one.strip("`[]().,") for one in rest if one.startswith(("--", "[--"))}
        wrong += [(name, line, one) for one in given - known]

    assert len(lines) > 100
    assert wrong == []


def test_the_configuration_reference_is_up_to_date():
    """Every key that is accepted stands in the reference, which `make fix` writes."""
    from tocsin.config.reference import render
    from tocsin.gateway.configuration import Configuration

    assert TEXTS["docs/reference/configuration.md"] == render(Configuration)


def test_the_reference_of_the_commands_is_up_to_date():
    """Every command stands in the reference, which `make fix` writes."""
    from tocsin.cli import cli
    from tocsin.cli.reference import render

    assert TEXTS["docs/reference/commands.md"] == render(cli)


def test_the_reference_of_the_interface_is_up_to_date():
    """Every operation stands in the reference, which `make fix` writes."""
    from tocsin.web.api.door import OPERATIONS
    from tocsin.web.api.reference import render

    assert TEXTS["docs/reference/api.md"] == render(OPERATIONS)
