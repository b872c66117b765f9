"""The hook, run as what it is: a process of its own that is handed the facts and has so long to answer."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest
from pydantic import ValidationError

from serving.brief import Brief, Commentary
from serving.hook import BriefSettings, commented
from tests.brief_account import brief_of, known


@pytest.fixture(scope="module")
def brief() -> Brief:
    return brief_of(known())


def asked(brief: Brief, folder: Path, program: str, seconds: float = 20) -> Commentary:
    """What a program in that folder says of the brief."""
    (folder / "my_llm.py").write_text(program, encoding="utf-8")
    found = commented(brief, BriefSettings(hook=(sys.executable, "my_llm.py"), timeout_seconds=seconds), folder)
    assert found is not None
    return found


def test_without_a_hook_nobody_is_asked(brief: Brief, tmp_path: Path) -> None:
    assert BriefSettings().hook == ""
    assert commented(brief, BriefSettings(), tmp_path) is None


def test_a_command_is_handed_exactly_the_facts(brief: Brief, tmp_path: Path) -> None:
    program = "import sys; open('handed.json', 'wb').write(sys.stdin.buffer.read()); print('20%, not 35%.')"

    said = asked(brief, tmp_path, program)

    assert json.loads((tmp_path / "handed.json").read_bytes()) == json.loads(json.dumps(brief.as_json()))
    assert said.as_text == ["20%, not ~~35%~~."]
    assert said.by == f"{sys.executable} my_llm.py"


def test_a_function_gives_back_its_answer_and_may_print(brief: Brief, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "def say(facts):\n    print('loading 99 models')\n    return facts['company'] + ': 20 %'\n", encoding="utf-8"
    )

    said = commented(brief, BriefSettings(hook="own:say"), tmp_path)

    assert said is not None
    assert (said.by, said.as_text) == ("own:say", ["acme: 20 %"])


@pytest.mark.parametrize(
    ("program", "note"),
    [
        ("raise SystemExit(3)", "it ended with exit code 3"),
        ("raise RuntimeError('no key')", "it ended with exit code 1 (RuntimeError: no key)"),
        ("", "it answered nothing"),
        ("import sys; sys.stdout.buffer.write(b'caf\\xe9')", "its answer is not UTF-8"),
        ("print('word ' * 300)", "its answer is too long (1,499 characters on 1 lines; at most 900 on 10)"),
        ("while True: print('word ' * 1000)", "its answer is too long (more than 65,536 bytes)"),
    ],
)
def test_what_goes_wrong_is_said_in_its_place(brief: Brief, tmp_path: Path, program: str, note: str) -> None:
    said = asked(brief, tmp_path, program)

    assert said.lines == ()
    assert said.note == f"There is no commentary: {note}."


@pytest.mark.parametrize(
    "program",
    [
        "import time; time.sleep(60)",
        "import os, time; os.close(1); time.sleep(60)",
        "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])",
    ],
    ids=["silent", "closed its output", "left a child behind"],
)
def test_it_is_not_waited_for(brief: Brief, tmp_path: Path, program: str) -> None:
    began = time.monotonic()

    said = asked(brief, tmp_path, program, seconds=0.5)

    assert said.note == "There is no commentary: it did not end within 0.5 seconds."
    assert time.monotonic() - began < 20


def test_a_command_that_is_not_there_is_named_as_such(brief: Brief, tmp_path: Path) -> None:
    said = commented(brief, BriefSettings(hook=("no-such-program",)), tmp_path)

    assert said is not None
    assert said.note == "There is no commentary: it could not be started (No such file or directory)."


def test_a_function_that_is_not_there_or_gives_back_no_text_is_told(brief: Brief, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("def say(facts):\n    return 12\n", encoding="utf-8")

    notes = [commented(brief, BriefSettings(hook=hook), tmp_path) for hook in ("own:say", "own:nothing")]

    assert [said.note for said in notes if said is not None] == [
        "There is no commentary: it ended with exit code 1 (own:say gave back int, and not a text).",
        "There is no commentary: it ended with exit code 1 (AttributeError: module 'own' has no attribute 'nothing').",
    ]


@pytest.mark.parametrize("hook", ["python my_llm.py", "my_llm", "my-llm:say", ":say"])
def test_a_text_that_names_no_function_is_refused(hook: str) -> None:
    with pytest.raises(ValidationError, match=r'a hook is "module:function", or a command as a list'):
        BriefSettings(hook=hook)
