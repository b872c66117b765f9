"""What the drivers page says, figure by figure, and that nothing a company's tables hold can become part of it."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

from serving.drivers import OTHERS, no_drivers
from serving.pages.amounts import MINUS, money, percent, points, signed
from serving.pages.charts import bar, line
from serving.pages.drivers import drivers_html
from serving.pages.further import markets, stages, trend, unknown
from serving.pages.judged import effects, judged
from serving.pages.outlook import MOVED, Headline, differing, headline, moved_table
from tests.page_company import T
from tests.page_outlook import HARM, IDEAS, bare, many, outlook
from tests.serving.pages.test_render import Elements


@pytest.fixture(scope="module")
def churn() -> Headline:
    return headline(outlook(), "churn")


@pytest.fixture(scope="module")
def html() -> str:
    return drivers_html(outlook())


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        *[(0, "0"), (850.4, "850"), (999.7, "1k"), (8450, "8.45k"), (12_345, "12.3k"), (312_000, "312k")],
        *[(999_999, "1m"), (1_236_000, "1.24m"), (2.5e9, "2.5bn"), (-6400, f"{MINUS}6.4k"), (math.nan, "–")],
    ],
)
def test_money_has_three_digits_at_most(value: float, shown: str) -> None:
    assert money(value) == shown


def test_changes_have_their_sign_and_nothing_has_none() -> None:
    assert (signed(38_000), signed(-380), signed(0.2), signed(-0.2)) == ("+38k", f"{MINUS}380", "0", "0")
    assert (points(1.24), points(-0.4), points(-0.04), percent(0.037)) == ("+1.2", f"{MINUS}0.4", "0.0", "3.7%")
    assert money(-1500, "EUR") == f"{MINUS}EUR 1.5k"


def test_bars_and_lines_are_numbers_inside_their_drawing() -> None:
    assert (bar(50, -200), bar(-200, 200), bar(0, 200), bar(0.001, 200), bar(1, 0)) == (25.0, 100.0, 0.0, 1.0, 0.0)
    drawn = line([0.0, 10.0, math.nan, -10.0], [0, 10, 20, 40], [False, True, False, False])
    assert drawn.parts == ("4.0,18.0 42.0,4.0", "156.0,32.0")
    assert (drawn.zero, drawn.ends, drawn.changed) == (18.0, (156.0, 32.0), (42.0,))


class TestFirstScreen:
    def test_the_money_is_chance_times_value_over_those_who_were_asked(self, churn: Headline) -> None:
        rows = many(40).dropna(subset=["value_at_stake"])
        expected = (rows["churn_probability"] * rows["value_at_stake"]).sum()
        assert churn.exact.value == pytest.approx(expected)
        assert churn.exact.low < expected < churn.exact.high
        assert churn.money == money(expected, "EUR")
        assert churn.context == f"of {money(rows['value_at_stake'].sum())} a year that 39 accounts pay"
        assert churn.when == "between 14 Jul 2025 and 11 Oct 2025"

    def test_an_outcome_that_moves_a_part_says_that_it_is_assumed(self) -> None:
        told = headline(outlook(), "adoption").context
        assert "all 31 accounts did, the likeliest product of each: an assumed 10% of the" in told

    def test_a_model_whose_level_is_not_known_says_so_and_one_that_is_off_too(self, churn: Headline) -> None:
        assert churn.notes == (
            "The range holds chance alone: how far off the model's level was on its test was not kept.",
        )
        made = outlook()
        metrics = {"level": {"value": 0.7, "low": 0.58, "high": 0.82}}
        model = made.record.models["churn"].model_copy(update={"metrics": metrics})
        record = made.record.model_copy(update={"models": {**made.record.models, "churn": model}})
        (note,) = headline(replace(made, record=record), "churn").notes
        assert note.startswith("On its test the model expected too many: for 100 predicted, 70 came about (58 to 82).")

    def test_five_drivers_of_either_way_in_money(self, churn: Headline) -> None:
        rows = many(40).dropna(subset=["value_at_stake"])
        way = (rows["churn_probability"] - 0.1) * rows["value_at_stake"]
        up, down = way[way > 0].sum(), way[way < 0].sum()
        assert [(one.said, one.shown) for one in churn.raising] == [
            (IDEAS["use"], signed(0.75 * up)),
            (IDEAS["people"], signed(0.5 * up)),
            (IDEAS[HARM], signed(-0.25 * down)),
        ]
        assert [(one.said, one.shown) for one in churn.lowering] == [
            (IDEAS[HARM], signed(-0.25 * up)),
            (IDEAS["use"], signed(0.75 * down)),
            (IDEAS["people"], signed(0.5 * down)),
        ]
        assert churn.raising[0].wide == 100.0
        assert f"All 3 drivers together push it up by {money(1.25 * up - 0.25 * down)}" in churn.sums

    def test_segments_stand_by_money_and_small_ones_together(self, churn: Headline) -> None:
        assert [part["name"] for part in churn.segments] == [HARM, "small <b>", OTHERS]
        assert sum(part["value"] for part in churn.segments) == pytest.approx(churn.exact.value)
        rows = many(40).iloc[16:30]
        expected = (rows["churn_probability"] * rows["value_at_stake"]).sum()
        assert churn.segments[1]["money"] == money(expected)
        assert churn.segments[1]["share"] == percent(expected / rows["value_at_stake"].sum())

    def test_without_dated_segments_none_is_told_apart(self) -> None:
        made = bare()
        assert headline(made, "churn").segments == ()
        assert differing(made, "churn") is None
        assert "Segments" in dict(unknown(made, ["churn"]))

    def test_the_first_list_has_nothing_to_compare_with(self, churn: Headline) -> None:
        assert (churn.change, churn.moves, churn.parts) == ("This is the first list.", (), {})
        assert moved_table([churn]) == ((), ())

    def test_it_moved_by_parts_that_add_up(self) -> None:
        made = outlook()
        then = many(40).assign(churn_probability=lambda rows: rows["churn_probability"] / 2).iloc[5:]
        before = SimpleNamespace(as_of=date(2025, 6, 2), accounts=then, manifest=SimpleNamespace(record=made.record))
        told = headline(replace(made, before=before), "churn")  # type: ignore[arg-type]
        was = (then["churn_probability"] * then["value_at_stake"].fillna(0)).sum()
        assert sum(told.parts.values()) == pytest.approx(told.exact.value - was)
        assert told.change == f"{signed(told.exact.value - was)} since 2 Jun 2025"
        heads, rows = moved_table([told])
        assert heads == ("Revenue at risk",)
        assert [row[0] for row in rows] == [
            MOVED["new"][:1].upper() + MOVED["new"][1:],
            "What cannot be told apart",
            "Altogether",
        ]


def test_drivers_over_time_with_where_another_model_began() -> None:
    told = trend(outlook(), "churn")
    assert told is not None
    assert told["days"] == ["2 Mar 2025", "2 Apr 2025", "2 May 2025", "30 Jun 2025"]
    assert told["changed"] == ["2 May 2025"]
    assert [row["said"] for row in told["rows"]] == ["All of it", IDEAS["use"], IDEAS["people"], IDEAS[HARM]]
    use = told["rows"][1]
    assert use["all"][0] == signed(outlook().lists.drivers.set_index("idea")["money"]["use"].iloc[0] / 2)
    assert use["words"] == f"{use['first']} on 2 Mar 2025, {use['last']} now"
    assert trend(bare(), "churn") is None


def test_no_more_than_thirteen_lists_are_drawn() -> None:
    made = outlook()
    assert len(replace(made, past=list(made.past) * 6).lists_so_far) == 13


def test_where_drivers_differ_is_in_points_of_what_could_move() -> None:
    told = differing(outlook(), "churn")
    assert told is not None
    assert told["segments"] == [OTHERS, HARM, "small <b>"]
    rows = many(40).dropna(subset=["value_at_stake"]).iloc[:15]
    rate = 75 * ((rows["churn_probability"] - 0.1) * rows["value_at_stake"]).sum() / rows["value_at_stake"].sum()
    said, cells = told["rows"][0]
    assert said == IDEAS["use"]
    assert cells[1] == (points(rate), "up3")


def test_stages_of_customers_and_of_products() -> None:
    told = {stage["name"]: stage for stage in stages(outlook(), ["churn"])}
    assert [told[name]["accounts"] for name in ("Shopping", "Buying", "Using", "Deciding anew")] == [
        "0",
        "13",
        "14",
        "13",
    ]
    shown = {market["title"]: [name for name, _, _ in market["products"]] for market in markets(outlook())}
    assert shown == {"Early market": ["<u>chat</u>"], "In the chasm": [], "In the tornado": [], "Main Street": ["mail"]}
    assert markets(bare()) == []


def test_the_grade_and_what_it_rests_on() -> None:
    told = judged(outlook(), "churn")
    assert (told["last"]["grade"], told["last"]["as_of"]) == ("Good", "3 Mar 2025")
    assert told["last"]["words"].startswith(
        "15.0 were predicted among 100 accounts and 15 came about, within the range"
    )
    table = [(part["title"], part["predicted"], part["realised"], part["lift"]) for part in told["last"]["parts"]]
    assert table == [
        ("All", "15.0", "15", "1.0"),
        ("High", "6.0", "6", "4.0"),
        ("Usual", "9.0", "9", "0.7"),
        ("Highest tenth", "6.0", "6", "4.0"),
    ]
    assert told["test"] == [
        "Of two accounts, one with the outcome and one without, it gave the first the higher chance in 75% of cases "
        "(70% to 80%; 50% is no skill)."
    ]


def test_where_no_list_has_closed_it_says_when_one_will() -> None:
    assert (
        "the first whose outcome will be certain is this list, as of 12 Oct 2025"
        in judged(outlook(), "adoption")["why"]
    )
    made = replace(outlook(), closing={"adoption": (date(2025, 6, 2), date(2025, 9, 14))})
    assert "the list of 2 Jun 2025, as of 14 Sep 2025" in judged(made, "adoption")["why"]


def test_a_list_that_nobody_looked_up_is_no_grade() -> None:
    made = replace(outlook(), last={}, unseen={"churn": date(2025, 3, 3)})
    assert "The list of 3 Mar 2025 has closed, but what came about was not looked up" in judged(made, "churn")["why"]


def test_without_any_value_there_is_no_money_and_it_says_so() -> None:
    made = outlook()
    accounts = made.lists.accounts.assign(value_at_stake=math.nan)
    told = headline(replace(made, lists=replace(made.lists, accounts=accounts, drivers=no_drivers())), "churn")
    assert (told.money, told.range, told.segments, told.raising) == ("No money known", "", (), ())
    assert told.context.endswith(f"Of 40 accounts, {accounts['churn_probability'].sum():.0f} are expected")


def test_effects_are_told_of_random_draws_only() -> None:
    shown = [(one["kind"], one["difference"], one["verdict"]) for one in effects(outlook())]
    assert shown == [
        ("retention", f"{MINUS}20.0", "An effect is shown: it happened less often."),
        ("<upgrade>", f"{MINUS}4.1", "No effect is shown: zero lies inside."),
    ]
    assert "From a random draw:" in drivers_html(outlook())
    nothing = drivers_html(bare())
    assert "No offers are there that chance assigned" in nothing
    assert "From a random draw:" not in nothing


def test_what_is_not_known_is_said() -> None:
    told = dict(unknown(outlook(), ["churn", "adoption"]))
    assert told["Nothing is said of moving up"] == "Refused: only 3 <positives>"
    assert "Takes on more: 8 accounts were not asked about" in told
    assert "1 accounts have no value" not in told
    assert "1 account has no value" in told
    assert told["Tables that are not brought"] == "tickets, milestones: nothing here can go by them."
    assert told["What is not looked at, because its purpose is not allowed"] == "pricing (12 features)"
    assert "Leaves, Takes on more: nothing newer than as of 1 Feb 2025 was learned from" in told
    assert {"Causes", "What strikes everybody at once"} <= set(told)


class TestPage:
    def test_no_name_becomes_markup(self, html: str) -> None:
        found = Elements()
        found.feed(html)
        assert not {tag for tag, _ in found.tags} & {
            "script",
            "b",
            "u",
            "img",
            "upgrade",
            "positives",
            "iframe",
            "link",
        }
        assert not [name for _, held in found.tags for name in held if name.startswith("on") or name == "style"]
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html

    def test_nothing_names_another_place(self, html: str) -> None:
        found = Elements()
        found.feed(html)
        places = {held[name] for _, held in found.tags for name in ("src", "href") if name in held}
        assert places == {"#main", "#unknown"}

    def test_the_policy_lets_no_script_run_and_only_its_own_style(self, html: str) -> None:
        found = Elements()
        found.feed(html)
        ((kind, style),) = found.held
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = next(held["content"] for _, held in found.tags if held.get("http-equiv") == "Content-Security-Policy")
        assert kind == "style"
        assert policy == (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
        )

    def test_it_is_the_same_text_every_time(self, html: str) -> None:
        assert html == drivers_html(outlook())

    def test_no_range_breaks_across_lines(self, html: str) -> None:
        """In words; cells of tables, and what is only read out, do so by themselves."""
        ranges = re.compile(r"[\w.,%]*\d[\w.,%]* to [+\u2212]?\d[\w.,%]*")
        whole = re.sub(
            r'<span class="(unbroken|unseen)">[^<]*</span>|<td class="number">[^<]*</td>|<style>.*?</style>',
            "",
            html,
            flags=re.DOTALL,
        )
        assert html.count('<span class="unbroken">') > 3
        assert ".unbroken { white-space: nowrap; }" in html
        assert ranges.findall(whole) == []

    @pytest.mark.parametrize("word", ["because of", "caused by", "leads to", "due to", "drives churn"])
    def test_no_wording_sells_a_driver_as_a_cause(self, html: str, word: str) -> None:
        assert word not in html.replace("because its purpose", "")
        assert "none is shown to be its cause" in html

    def test_a_company_of_which_nothing_else_is_known_has_a_page_too(self) -> None:
        html = drivers_html(bare())
        assert "Fewer than two lists tell their drivers so far" in html
        assert "There is no earlier list to compare with" in html
        assert f"As of {T.day} Jun 2025" in html
