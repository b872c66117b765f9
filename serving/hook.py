"""The hook: hands a brief's facts to a program or function of the company's choice, and takes down what it says.

Off unless the config names one (`[brief] hook`). It runs in a process of its own, in the config's folder, with the
facts as JSON on its standard input, and has `timeout_seconds` to write plain text in UTF-8 on its standard output.
Whatever goes wrong with it, the brief is made all the same and says what went wrong.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict, Field, field_validator

from serving.brief import Brief, Commentary
from serving.commentary import clean, commentary, failed

MOST_BYTES = 64 * 1024
"""An answer is not read beyond: far more than may be shown (`serving.commentary.LONGEST`)."""
LAST_WORDS = 120
FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
CALLER = """
import importlib, json, sys
sys.path.insert(0, "")
out, sys.stdout = sys.stdout, sys.stderr
facts = json.loads(sys.stdin.buffer.read())
module, name = sys.argv[1].split(":")
answer = getattr(importlib.import_module(module), name)(facts)
if not isinstance(answer, str):
    sys.exit(f"{sys.argv[1]} gave back {type(answer).__name__}, and not a text")
out.buffer.write(answer.encode("utf-8"))
out.buffer.flush()
"""
"""Runs a function; what it prints goes to standard error, and only what it gives back is its answer."""


class BriefSettings(BaseModel):
    """The `[brief]` of the config."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    hook: str | tuple[str, ...] = ""
    """What is handed the facts of a brief for a commentary: a command (`["python", "my_llm.py"]`) or a function of a
    module beside the config (`"my_llm:say"`). Empty: nobody, and nothing leaves. See docs/brief.md."""
    timeout_seconds: float = Field(30, gt=0, le=600)
    """After so long the hook is ended, and the brief made without it."""

    @field_validator("hook")
    @classmethod
    def _readable(cls, hook: str | tuple[str, ...]) -> str | tuple[str, ...]:
        if isinstance(hook, str) and hook and not FUNCTION.fullmatch(hook):
            raise ValueError('a hook is "module:function", or a command as a list such as ["python", "my_llm.py"]')
        return hook

    @property
    def named(self) -> str:
        """The hook in words."""
        return self.hook if isinstance(self.hook, str) else " ".join(self.hook)


def commented(brief: Brief, settings: BriefSettings, folder: Path) -> Commentary | None:
    """What the hook says of the brief, or why it says nothing; None where there is no hook."""
    if not settings.hook:
        return None
    by = settings.named
    command = [sys.executable, "-c", CALLER, settings.hook] if isinstance(settings.hook, str) else list(settings.hook)
    answer = _run(command, brief.handed_over, folder, settings.timeout_seconds)
    if isinstance(answer, str):
        return failed(by, answer)
    try:
        return commentary(answer.decode("utf-8-sig"), by, brief)
    except UnicodeDecodeError:
        return failed(by, "its answer is not UTF-8")


def _run(command: list[str], given: bytes, folder: Path, seconds: float) -> bytes | str:
    """What the command wrote on its standard output; or, as text, what went wrong."""
    ends = time.monotonic() + seconds
    with tempfile.TemporaryFile() as facts, tempfile.TemporaryFile() as said:
        facts.write(given)
        facts.seek(0)
        try:
            process = subprocess.Popen(
                command, stdin=facts, stdout=subprocess.PIPE, stderr=said, cwd=folder, start_new_session=True
            )
        except (OSError, ValueError) as error:
            return f"it could not be started ({getattr(error, 'strerror', None) or error})"
        answer = _answer(process, ends)
        too_long = answer is not None and len(answer) > MOST_BYTES
        ended = answer is not None and (too_long or _ended(process, ends))
        _end(process)
        if answer is None or not ended:
            return f"it did not end within {seconds:g} seconds"
        if too_long:
            return f"its answer is too long (more than {MOST_BYTES:,} bytes)"
        return f"it ended with exit code {process.returncode}{_last_words(said)}" if process.returncode else answer


def _answer(process: subprocess.Popen[bytes], ends: float) -> bytes | None:
    """All that it writes on its standard output, as far as it is read; None where it has not closed it in time."""
    answer: list[bytes] = []

    def read() -> None:
        if process.stdout is not None:
            with process.stdout as output:
                answer.append(output.read(MOST_BYTES + 1))

    reader = threading.Thread(target=read, daemon=True)  # whoever holds the output open holds up nobody else
    reader.start()
    reader.join(max(0, ends - time.monotonic()))
    if not answer:
        _end(process, whole_group=True)
        reader.join(1)
        return None
    return answer[0]


def _ended(process: subprocess.Popen[bytes], ends: float) -> bool:
    """Whether it ends in time once it has closed its output."""
    try:
        process.wait(max(0, ends - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True


def _end(process: subprocess.Popen[bytes], whole_group: bool = False) -> None:
    """Ends the process, where it still runs, and with it whatever it has started."""
    if whole_group or process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_words(said: IO[bytes]) -> str:
    """The last line that it wrote on standard error."""
    said.seek(0)
    lines = clean(said.read()[-4096:].decode("utf-8", "replace")).splitlines()
    return f" ({lines[-1][:LAST_WORDS]})" if lines else ""
