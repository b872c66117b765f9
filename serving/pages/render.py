"""How a page is made: templates, scripts out of installed packages, and a policy that lets nothing else run.

A page is one file. What is told of a company stands in it as JSON that no text can break out of, and reaches the screen
as text alone. Its content-security policy names the digest of every script and style that the page has, so that nothing
that got in otherwise would run, and no request leaves it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import pyarrow as pa
from markupsafe import Markup, escape

from features.errors import ServiceError

HERE = Path(__file__).parent
ESCAPED = str.maketrans({letter: f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"})
"""Letters that could end a script element or a line of a script, as JSON writes them too."""
TABLES = "itables"
"""The package that carries DataTables."""
RANGE = re.compile(r"(?:[A-Z]{3} )?[+\u2212]?\d(?:[\w.,]*\w)?%? to [+\u2212]?\d(?:[\w.,]*\w)?%?")
"""`24k to 210k`, `EUR 1.2m to 2m`, `3% to 4.1%`: read as one."""
EXPORTS = re.compile(r"export\s*\{([^}]*)\};?")


def page(template: str, data: Any, scripts: Sequence[str], styles: Sequence[str], **shown: Any) -> str:
    """The page of a template: its words filled in from `shown`, `data` embedded as JSON, scripts and styles inlined.

    Of `shown`, everything is escaped that is not `Markup`. Scripts are one program, in the given order.
    """
    program, style = "\n".join(scripts), "\n".join(styles)
    return (
        _environment()
        .get_template(template)
        .render(
            data=Markup(script_json(data)),
            program=Markup(program),
            style=Markup(style),
            policy=policy([program], [style]),
            **shown,
        )
    )


def sheet(template: str, styles: Sequence[str], **shown: Any) -> str:
    """The page of a template that has no script at all; of `shown`, everything is escaped that is not `Markup`."""
    style = "\n".join(styles)
    return _environment().get_template(template).render(style=Markup(style), policy=policy([], [style]), **shown)


def filled(template: str, **shown: Any) -> str:
    """Plain text from a template: nothing is escaped, and what cannot be printed becomes a blank."""
    return _environment().overlay(autoescape=False, finalize=printable).get_template(template).render(**shown)


def printable(value: Any) -> Any:
    """A text on one line, without control characters or marks that turn its direction; anything else as it is."""
    return "".join(letter if letter.isprintable() else " " for letter in value) if isinstance(value, str) else value


def unbroken(text: str) -> Markup:
    """A text for a page, escaped, whose ranges stay on one line, on paper as well."""
    return Markup(RANGE.sub(lambda found: f'<span class="unbroken">{found[0]}</span>', str(escape(text))))


def script_json(content: Any) -> str:
    """JSON that may stand in a script element: no text of it can end the element, or begin a comment."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(ESCAPED)


def packed(content: Any) -> str:
    """Content as JSON, compressed (gzip) and in letters: the text of an element that is read when it is asked for.

    The same letters on every machine: pyarrow brings its own compression, the system's may be another one.
    """
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    codec = pa.Codec("gzip", compression_level=6)
    return base64.b64encode(codec.compress(text, asbytes=True)).decode()


def policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """The content-security policy of a page with just those inline scripts and styles, and no request to anywhere."""
    return "; ".join(
        [
            "default-src 'none'",
            *([f"script-src {' '.join(map(_digest, scripts))}"] if scripts else []),
            f"style-src {' '.join(map(_digest, styles))}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def own(*names: str) -> list[str]:
    """The content of our own files under `static/`, in the given order."""
    return [(HERE / "static" / name).read_text(encoding="utf-8") for name in names]


@cache
def tables_script() -> str:
    """DataTables and jQuery as the script that defines `Tables`, out of the installed package.

    The package carries them as a module; a module's script would wait until the whole page has been read.

    Raises:
        ServiceError: the package's file is not as this version knows it.
    """
    text = files(TABLES).joinpath("html", "dt_bundle.js").read_text(encoding="utf-8")
    found = EXPORTS.findall(text)
    names = {}
    for part in found[-1].split(",") if found else ():
        inner, _, outer = part.strip().partition(" as ")
        names[outer or inner] = inner
    if len(found) != 1 or not {"default", "jQuery"} <= set(names):
        raise ServiceError(
            f"Pages take DataTables from the package {TABLES}, whose file exports `default` and `jQuery`; that of "
            f"version {version(TABLES)} does not. Install the version that requirements.lock names."
        )
    body = inline(EXPORTS.sub("", text))
    return f'const Tables = (() => {{ "use strict";\n{body}\nreturn {{ DataTable: {names["default"]} }}; }})();'


def inline(script: str) -> str:
    """A script that may stand in a page: `</script` and `<!--` in its texts and patterns written otherwise."""
    return re.sub(r"<(/script|!--)", lambda found: "\\x3c" + found[1], script, flags=re.IGNORECASE)


def sources() -> Mapping[str, str]:
    """The packages whose scripts pages hold, with their versions."""
    return {TABLES: version(TABLES)}


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["unbroken"] = unbroken
    return environment
