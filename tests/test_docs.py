"""What the documents say is there: links, commands, settings, hooks."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from openfit.cli.commands import app
from openfit.config import SETTINGS
from support.repository import ROOT, name, texts, tree

import dev

DOCUMENTS = [path for path in texts() if path.suffix == ".md"]
USER_DOCUMENTS = [ROOT / "README.md", *(path for path in DOCUMENTS if "docs" in path.parts)]
FENCE = re.compile(r"^( *)(```|~~~).*?^\1\2 *$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(<?([^)\s>]+)>?(?: \"[^\"]*\")?\)|(?:src|href)=\"([^\"]+)\"")
REFERENCE = re.compile(r"^\[[^\]]+\]: (\S+)", re.MULTILINE)
COMMAND = re.compile(r"^(?:\$ )?(?:\.venv/bin/)?openfit ([a-z][\w-]*)", re.MULTILINE)
TEST_SETTING = re.compile(r"OPENFIT_TEST_[A-Z_]+")


def prose(document: Path) -> str:
    """The text without code, where brackets mean other things."""
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", texts()[document]))


def anchor(heading: str) -> str:
    """The name that forges give a heading: lower case, no punctuation, hyphens for spaces."""
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


def anchors(document: Path) -> set[str]:
    text = FENCE.sub("", texts()[document])
    headings = re.findall(r"^#{1,6} +(.+?) *#*$", text, re.MULTILINE)
    return {anchor(heading) for heading in headings} | set(re.findall(r"id=\"([^\"]+)\"", text))


def links(document: Path) -> Iterator[str]:
    text = prose(document)
    found = [*("".join(pair) for pair in LINK.findall(text)), *REFERENCE.findall(text)]
    return (link for link in found if not re.match(r"[a-z]+:", link))


def dead_links(document: Path) -> Iterator[str]:
    for link in links(document):
        path, _, fragment = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        if target not in tree():
            yield f"{link}: no such file"
        elif fragment and target.suffix == ".md" and fragment not in anchors(target):
            yield f"{link}: no such heading"


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_link_leads_somewhere(document):
    assert list(dead_links(document)) == []


def test_the_readme_names_the_two_commands_that_exist():
    named = set(re.findall(r"python3 dev\.py (\w+)", texts()[ROOT / "README.md"]))
    assert {"demo", "test"} <= named


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_bootstrap_commands_in_documents_exist(document):
    assert set(re.findall(r"python3 dev\.py ([a-z]+)", texts()[document])) <= set(dev.COMMANDS)


def cli_commands() -> set[str]:
    return {
        command
        for command, entry in typer.main.get_command(app).commands.items()
        if not entry.hidden
    }


def test_every_cli_command_is_documented():
    text = "\n".join(texts()[document] for document in USER_DOCUMENTS)
    assert {one for one in cli_commands() if f"openfit {one}" not in text} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_cli_commands_in_documents_exist(document):
    blocks = "\n".join(match.group() for match in FENCE.finditer(texts()[document]))
    assert set(COMMAND.findall(blocks)) <= cli_commands()


def test_every_setting_is_documented_and_every_documented_setting_exists():
    text = "\n".join(texts()[document] for document in USER_DOCUMENTS)
    documented = set(re.findall(r"(?<!_)OPENFIT_(?!TEST_)[A-Z_]+", text))
    assert documented == set(SETTINGS)


def test_every_test_setting_is_documented_where_contributors_look():
    read = {
        setting
        for path, text in texts().items()
        if path.is_relative_to(ROOT / "tests") and path.suffix == ".py"
        for setting in re.findall(r"environ\.get\(\s*\"(OPENFIT_TEST_[A-Z_]+)", text)
        + re.findall(r"missing\(\S+, \"(OPENFIT_TEST_[A-Z_]+)", text)
    }
    assert set(TEST_SETTING.findall(texts()[ROOT / "CONTRIBUTING.md"])) == read


def test_every_hook_is_described_for_plugin_authors():
    tree = ast.parse(texts()[ROOT / "sdk" / "openfit_sdk" / "hookspecs.py"])
    hooks = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    described = set(re.findall(r"`(\w+)", texts()[ROOT / "sdk" / "README.md"]))
    assert hooks - described == set()
