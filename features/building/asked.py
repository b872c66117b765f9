"""Who is asked about: the members of a cohort by one set of keys, as windows are joined to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import ibis.expr.types as ir

from features.building.members import Members
from features.scratch import shared
from features.tables import Tables


@dataclass(frozen=True)
class Asked:
    """The members of a cohort, and one number for each of their different keys."""

    keys: tuple[str, ...]
    different: ir.Table
    """One row a different key: the keys, `asked`, its number, and `last_asked`, the last as_of at which it is."""
    members: ir.Table
    """One row a member: `member`, `asked` and `as_of`."""
    as_ofs: Sequence[date]
    """In order, each once."""
    held: Callable[[ir.Table], ir.Table]
    """Has the engine compute rows once that several parts of a query are made of."""

    @classmethod
    def of_members(
        cls, tables: Tables, keys: tuple[str, ...], members: Members, held: Callable[[ir.Table], ir.Table]
    ) -> Asked:
        """Of the members by those keys, numbered once for all sources that have them."""
        rows = members.rows
        # the least of a key's members is a number of its own, whoever counts
        last = rows.group_by(list(keys)).agg(asked=rows.member.min(), last_asked=rows.as_of.max())
        different = shared(tables, "asked", lambda: last, rows)
        numbered = rows.join(different, list(keys)).select("member", "asked", "as_of")
        return cls(keys, different, shared(tables, "numbered", lambda: numbered, rows), members.as_ofs, held)

    def of(self, rows: ir.Table) -> ir.Table:
        """Those rows of keys that are asked about that are known before the last as_of at which they are.

        The number of the key stands in place of the keys, as one number is sooner compared than texts. All else is left
        out before anything is grouped: of most products that an account uses nobody asks any more.
        """
        found = rows.join(self.different, list(self.keys))
        return found.filter(found.known_day < found.last_asked).drop(*self.keys, "last_asked")
