"""A word that nobody knows is answered with the one that it was probably meant to be."""

from __future__ import annotations

from features.suggestion import did_you_mean

KNOWN = ("subscriptions", "consumption", "tickets")


def test_the_nearest_word_stands_between_what_is_said_around_it() -> None:
    assert did_you_mean("consumtion", KNOWN) == "did you mean consumption?"
    assert did_you_mean("ticket", KNOWN, before=" (", after=")") == " (did you mean tickets?)"


def test_nothing_is_said_where_no_word_is_near() -> None:
    assert did_you_mean("weather", KNOWN, before="; ") == ""
    assert did_you_mean("consumed", KNOWN, near=0.9) == ""
    assert did_you_mean("tickets", ()) == ""
