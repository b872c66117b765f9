"""A function of the simulator as equations on paper, so that what `docs/simulator.md` says is what is computed."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

from features.errors import InputError

WIDTH = 108
OWNERS = {"self", "treatment", "state", "population", "scenario", "today", "world", "np", "contracts", "hazards"}
"""Names that say where something stands, which an equation need not."""
ALWAYS_GIVEN = OWNERS | {"day", "who", "chance", "log", "products", "families", "kind", "position", "spread"}
FASTER = {"how_many": "sum", "most": "max"}
"""What is computed in another way than it is written on paper, for speed alone."""
PLACE = "(:|None|at|account|owner|thumbs|stars|product|family_of)"
"""An index that says which account or product is meant, which an equation need not."""
SIGNS = {
    " * ": " · ",
    " ** ": " ^ ",
    " - ": " − ",
    " <= ": " ≤ ",
    " >= ": " ≥ ",
    " == ": " = ",
    " != ": " ≠ ",
    " & ": " and ",
    " | ": " or ",
    "~": "not ",
    "1e-06": "0.000001",
}


class _Plain(ast.NodeTransformer):
    """Takes from an expression what is Python's and no mathematics: owners, shapes, types, keys of chance."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        return ast.Name(node.attr) if isinstance(node.value, ast.Name) and node.value.id in OWNERS else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if isinstance(key, str):
            return ast.Attribute(ast.Name("k"), key)
        node = ast.Subscript(self.visit(node.value), self.visit(node.slice), node.ctx)
        shape = ast.unparse(node.slice)
        bare = re.fullmatch(rf"[(\s]*{PLACE}(, {PLACE})*[)\s]*", shape)
        of_a_plan = isinstance(node.value, ast.Attribute) and shape == "tier"
        return node.value if bare or of_a_plan or isinstance(node.value, ast.BinOp) else node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        equal = len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq)
        return ast.Name(f"[{ast.unparse(node)}]") if equal else node

    def visit_Call(self, node: ast.Call) -> Any:
        method = isinstance(node.func, ast.Attribute)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        if name in {"shock", "uniform"}:
            purpose = ast.literal_eval(node.args[0]).replace(" ", "_")
            return ast.Call(ast.Name("ε" if name == "shock" else "u"), [ast.Name(purpose)], [])
        if name in {"happens", "choose"}:
            return ast.Call(ast.Name(name), [self.visit(node.args[0])], [])
        if name == "whole":
            return ast.Call(ast.Name(name), [self.visit(arg) for arg in node.args[:2]], [])
        if name == "_sum":
            return ast.Name("Σ k.cause · cause")
        if name in {"asarray", "array"}:
            inner = node.args[0]
            return self.visit(inner.elt if isinstance(inner, ast.ListComp) else inner)
        if name == "take" and isinstance(node.func, ast.Attribute):
            return self.visit(ast.Subscript(node.func.value, node.args[0], ast.Load()))
        if name in FASTER:
            return ast.Call(ast.Name(FASTER[name]), [self.visit(node.args[0])], [])
        if name in {"astype", "copy"} and isinstance(node.func, ast.Attribute):
            return self.visit(node.func.value)
        given = list(node.args)
        if owner != "np":
            given = [arg for arg in given if not (isinstance(arg, ast.Name) and arg.id in ALWAYS_GIVEN)]
        if method and owner not in OWNERS and isinstance(node.func, ast.Attribute):
            given = [node.func.value, *given]
        plain = [self.visit(arg) for arg in given]
        if name == "full":
            return plain[-1]
        return ast.Call(ast.Name(name.strip("_")), plain, []) if plain else ast.Name(name.strip("_"))


def equations(where: str) -> str:
    """What a function computes, a line an assignment.

    `where` is `module.function` of this package, or `module.function: name, name` where only some of it is wanted.

    Raises:
        InputError: there is no such function, or it computes nothing of such a name.
    """
    place, _, names = where.partition(": ")
    module, function = place.split(".")
    tree = ast.parse((Path(__file__).parent / f"{module}.py").read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == function]
    if not found:
        raise InputError(f"docs/simulator.md asks for the equations of {place}; there is no such function. Correct it.")
    lines = [line for statement in found[0].body for line in _lines(statement, function)]
    return "\n".join(_chosen(lines, names.split(", "), where) if names else lines)


def _chosen(lines: list[str], wanted: list[str], where: str) -> list[str]:
    """The equations of these names, each with the lines on which it goes on."""
    kept, seen, on = [], set(), False
    for line in (line[4:] if re.match(r"    \w+ [=←]", line) else line for line in lines):
        head = re.match(r"\w+", line)
        on = head.group() in wanted if head else on
        seen |= {head.group()} if head else set()
        kept += [line] if on else []
    if missing := set(wanted) - seen:
        raise InputError(f"docs/simulator.md asks for {where}; there is no {', '.join(sorted(missing))}. Correct it.")
    return kept


def _lines(statement: ast.stmt, name: str) -> list[str]:
    """The equations of one statement; none where it only gives something a shorter name."""
    if isinstance(statement, ast.If):
        inner = [line for part in statement.body for line in _lines(part, name)]
        return [f"where {_plain(statement.test)}:", *(f"    {line}" for line in inner)] if inner else []
    if isinstance(statement, ast.AugAssign):
        changed = _plain(statement.target)
        return _wrapped(f"{changed} ← {changed} {'−' if isinstance(statement.op, ast.Sub) else '+'} ", statement.value)
    if isinstance(statement, ast.Return) and isinstance(statement.value, ast.Call) and _is_record(statement.value.func):
        parts = [(part.arg, part.value) for part in statement.value.keywords]
        return [line for name, value in parts if _plain(value) != name for line in _wrapped(f"{name} = ", value)]
    if isinstance(statement, ast.Return) and statement.value is not None:
        return _wrapped(f"{name.strip('_')} = ", statement.value)
    if not isinstance(statement, ast.Assign):
        return []
    target, value = statement.targets[0], statement.value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = zip(target.elts, value.elts, strict=True)
        return [line for name_of, given in pairs for line in _assigned(name_of, given)]
    return _assigned(target, value)


def _is_record(made: ast.expr) -> bool:
    return isinstance(made, ast.Name) and made.id[:1].isupper()


def _assigned(target: ast.expr, value: ast.expr) -> list[str]:
    """One assignment; a state's is an arrow, since it says what the state becomes."""
    if isinstance(value, ast.Subscript) and isinstance(value.value, ast.Dict):
        value = value.value
    if isinstance(value, ast.Dict):
        parts = zip(value.keys, value.values, strict=True)
        return [line for key, part in parts if key for line in _wrapped(f"{ast.literal_eval(key)}: ", part)]
    bare = value.value if isinstance(value, ast.Subscript) else value
    if isinstance(bare, ast.Attribute | ast.Name) or ast.unparse(value).startswith("np.arange"):
        return []
    return _wrapped(f"{_plain(target)} {'←' if isinstance(target, ast.Subscript) else '='} ", value)


def _plain(node: ast.expr) -> str:
    """An expression as one writes it on paper."""
    text = ast.unparse(ast.fix_missing_locations(_Plain().visit(ast.parse(ast.unparse(node), mode="eval").body)))
    for code, sign in SIGNS.items():
        text = text.replace(code, sign)
    return text.replace("'", "")


def _wrapped(head: str, value: ast.expr) -> list[str]:
    """One equation, broken before its outermost signs where it is long; a stack of them, a line each."""
    if ast.unparse(value).startswith("np.stack([") and "for" not in ast.unparse(value):
        stack = next(node for node in ast.walk(value) if isinstance(node, ast.List))
        kinds = enumerate(stack.elts, 1)
        return [line for n, part in kinds for line in _wrapped(f"{head.split(' ')[0]}[{n}] = ", part)]
    text = _plain(value)
    if len(head) + len(text) <= WIDTH:
        return [head + text]
    for outermost in (0, 1):
        depth, start, parts = 0, 0, []
        for at, sign in enumerate(text):
            depth += (sign in "([") - (sign in ")]")
            if depth == outermost and text[at : at + 3] in {" + ", " − "}:
                parts.append(text[start:at])
                start = at + 1
        if parts:
            return [head + parts[0], *("    " + part for part in [*parts[1:], text[start:]])]
    return [head + text]
