"""The brief of one account: tiny facts in, a page of plain words out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from serving.account import Change
from serving.brief_moments import moments
from serving.brief_promises import OPEN
from serving.brief_text import brief_text
from serving.commentary import HANDED, commentary
from serving.notice import PLAY, not_asked
from serving.pages.brief import brief_html
from tests.brief_account import T, brief_of, churn, fullest, held, known, promises, reasons
from tests.page_company import NAMES

TEXT = """\
Amber Mill: brief for a meeting, as of 1 Jan 2026
a1 · small · Looked after by kim · Plan team · Pays EUR 5,494 a year · Customer for 400 days ·
    Renews 30 Jan 2026, in 29 days · Stage using · Band elevated · Rank 3 of 194

Questions to ask
  1. Ticket T7 is past the day that we promised. What has it kept you from, and what would put it
      right?
     rests on: Ticket T7: how to, high; promised by 20 Dec 2025, 12 days ago
  2. Several of your people no longer use it. Who has taken over their work, and what do they need
      to start?
     rests on: Of the users of the last 91 days, 33% were active in the last 28 (usually 78%)
  3. Who in your company could use it and does not, and what keeps them from it?
     rests on: Adoption: 38 of 100

Health
  Leaves: 20.0% (average account 5.9%; 12.0% on 4 Dec 2025)
    Chance that it leaves between 15 Jan and 11 Mar 2026
    What pushes it to leave
         +4.5 points  Of the users of the last 91 days, 33% were active in the last 28 (usually 78%)
         +2.0 points  Active days fell to 3 in the last 28 (usually 11)
    What keeps it
         -1.2 points  Promised dates missed stayed at 0 in the last 91 days (others: 1)
    What changed it most
         +8.0 points  Active days fell to 3 in the last 28 (before: 9)

The ladder (0 to 100 among all of acme's accounts, by its mean rank in a few figures each; 50 is the
    middle)
  Consumption   62  ############
  Adoption      38  ########
  Trust         24  #####  weakest

Moments of truth for the next plan
  It brings something: not known
    Tiers above its plan: 1
  What works still works: may stop it (54 of 100)
    Accessories attached that would not work on the next plan: 1

Open promises: 1, of which 1 past the date
  Ticket T7: how to, high; promised by 20 Dec 2025, 12 days ago
  Kept and missed of late
    Promised dates missed rose to 1 in the last 91 days (usually 0)

Growth
  More users
    Active users fell to 3 in the last 28 days (usually 13)
    People who used it for the first time stayed at 0 in the last 28 days (as usual)

Suggested next step: Call: ask what changed in daily use

Not known
  Moves up: no model was good enough.
"""


def test_the_whole_of_it_in_plain_words() -> None:
    assert brief_text(brief_of(known())) == TEXT


def test_the_same_facts_give_the_same_page() -> None:
    assert brief_html(brief_of(known())) == brief_html(brief_of(known()))


def test_every_fact_has_a_key_of_its_own_a_value_and_where_it_comes_from() -> None:
    for material in (known(), fullest()):
        facts = brief_of(material).facts
        assert len({fact.key for fact in facts}) == len(facts)
        assert all(fact.source and fact.text and fact.unit for fact in facts)


def test_every_question_rests_on_a_fact() -> None:
    for material in (known(), fullest()):
        brief = brief_of(material)
        assert len(brief.questions) == 3
        assert all(question.rests_on in brief.by_key for question in brief.questions)


def test_a_reason_that_weighs_too_little_is_left_out() -> None:
    assert "Its plan is of tier 2" not in brief_text(brief_of(known()))


def test_the_json_is_what_a_hook_would_be_handed() -> None:
    brief = brief_of(known())

    told = json.loads(brief.handed_over)

    assert told == json.loads(json.dumps(brief.as_json()))
    assert set(told) == {"company", "as_of", "facts", "questions", "unknown"}
    chance = next(fact for fact in told["facts"] if fact["key"] == "health.churn")
    assert chance == {
        "key": "health.churn",
        "label": "Leaves",
        "text": "20.0%",
        "value": 0.2,
        "unit": "share",
        "source": "scored_accounts.churn_probability",
    }


def test_beyond_four_promises_only_their_number_is_told() -> None:
    many = promises(*(("milestones", f"step {n}", f"step {n}", None, None, T) for n in range(6)))

    text = brief_text(brief_of(replace(known(), promises=many)))

    assert "Open promises: 6, of which 0 past the date" in text
    assert text.count("due 1 Jan 2026, today") == OPEN


def test_a_milestone_long_past_is_neither_counted_nor_asked_about() -> None:
    rows = promises(
        ("milestones", "first report", "first report", None, None, date(2025, 7, 4)),
        ("milestones", "ten users", "ten users", None, None, date(2025, 7, 5)),
        ("tickets", "T1", "how_to", None, date(2025, 1, 1), date(2025, 2, 1)),
    )

    brief = brief_of(replace(known(), promises=rows))
    text = brief_text(brief)

    #  181 and 180 days before the first of January; a ticket stays open until it is resolved
    assert "Open promises: 2, of which 2 past the date" in text
    assert "1 milestone more than 180 days past its date and never reached is not counted" in text
    assert "first report" not in text
    assert [question.rests_on for question in brief.questions][:2] == ["promises.open.2", "promises.open.1"]
    assert brief.by_key["promises.open.1"].label == "Milestone ten users"


def test_all_milestones_long_past_leave_nothing_open() -> None:
    old = promises(*(("milestones", f"step {n}", f"step {n}", None, None, date(2024, 1, 1)) for n in range(3)))

    brief = brief_of(replace(known(), promises=old))

    assert brief.text("promises.count") == "none"
    assert "3 milestones more than 180 days past their date and never reached are not counted" in brief_text(brief)
    assert not any("step" in question.text for question in brief.questions)


def test_a_long_time_without_trouble_is_no_reason_in_a_brief() -> None:
    quiet = "The last incident was 400 days ago (others: 114 days); a sign of little use, not of trouble"
    told = reasons(("reliability", 0.9, 9.0, quiet), ("seats", 0.3, 2.0, "Seats in use fell to 5% of those paid for"))
    told = told.assign(against_sense=[True, False], telling=[False, True])
    report = replace(known().report, scores=(replace(churn(), reasons=told),))

    brief = brief_of(replace(known(), report=report))

    assert "incident" not in brief_text(brief)
    assert brief.text("health.churn.pushes.1") == "Seats in use fell to 5% of those paid for"
    assert not any("fail you" in question.text for question in brief.questions)


def test_what_changed_it_most_comes_first_whatever_it_was_and_what_rounds_to_nothing_is_left_out() -> None:
    parts = [("data", 0.7, "Last contact"), ("data", 0.04, "Tickets"), ("model", 7.3, "The model was trained anew")]
    changed = tuple(Change(part, None, points, 0.1, text) for part, points, text in parts)
    report = replace(known().report, scores=(replace(churn(), changes=changed),))

    told = brief_of(replace(known(), report=report)).of("health.churn.changed.")

    assert [(fact.label, fact.text) for fact in told] == [
        ("+7.3 points", "The model was trained anew"),
        ("+0.7 points", "Last contact"),
    ]


def test_a_move_says_how_many_did_so_where_it_leads_and_that_it_is_no_promise() -> None:
    made = {"step": 1, "text": "Active days came to 11 in the last 28 (now: 3)", "probability": 0.05, "feature": "x"}
    moves = pd.DataFrame([{**made, "similar": 5, "bound": 0.087, "enough": True}])
    report = replace(known().report, scores=(replace(churn(), moves=moves),))

    text = " ".join(brief_text(brief_of(replace(known(), report=report))).split())

    leads = "What would bring it under 8.7%, where the usual begins, in the model's view; no promise that doing it has"
    assert leads in text
    assert "leaves 5.0%; few similar accounts did so (5 of 100)" in text


def test_what_is_not_known_is_said() -> None:
    alone = replace(known(), features={}, promises=None, facts={})
    row = {name: value for name, value in known().report.row.items() if not name.startswith("score_")}
    bare = brief_of(replace(alone, report=replace(alone.report, row=row)))

    assert bare.unknown == (
        "How it stands on the ladder: none of the tables that its scores are made of.",
        "The next plan: no table of plans, paths, accessories or milestones, or its use is not allowed.",
        "Growth: no users or products in the use that is recorded, or their use is not allowed.",
        "Open promises: no tickets with a promised date, no milestones, or their use is not allowed.",
        "Moves up: no model was good enough.",
    )
    text = brief_text(bare)
    assert "The ladder (" not in text
    assert "Open promises\n" not in text


def test_an_outcome_that_was_not_asked_about_is_named() -> None:
    silent = {"upgrade": not_asked("upgrade", "tier_up"), "adoption": not_asked("adoption", "product_adopted")}
    report = replace(known().report, silent=silent)
    assert brief_of(replace(known(), report=report)).unknown[:2] == (
        "Moves up: not asked: no plan higher than its own is on offer.",
        "Takes on more: not asked: it has used every product that is on offer.",
    )


def test_of_an_account_that_has_given_notice_nothing_is_sold_and_nothing_predicted() -> None:
    notice = "Notice given, ends 14 Feb 2026"
    row = {**known().report.row, "notice": notice, "band": "notice", "play": f"{notice}: {PLAY}"}
    silent = {name: not_asked(name, "tier_up", notice) for name in ("churn", "upgrade")}
    gone = brief_of(replace(known(), report=replace(known().report, row=row, scores=(), silent=silent)))

    assert gone.text("who.notice") == notice
    assert [question.rule for question in gone.questions] == ["notice given"] * 3
    assert {question.rests_on for question in gone.questions} == {"who.notice"}
    assert not gone.of("moments.")
    assert gone.unknown[:3] == (
        "The next plan: notice was given.",
        "Leaves: decided: notice given, ends 14 Feb 2026.",
        "Moves up: not asked: notice given, ends 14 Feb 2026.",
    )
    page, text = brief_html(gone), brief_text(gone)
    assert f'<ul class="who">\n<li dir="auto">{notice}</li>' in page
    assert text.splitlines()[1].startswith(notice)
    for told in (page, text):
        assert "Notice was given, so what happens next is decided and nothing is predicted." in told


def test_where_the_features_are_gone_it_says_so_once() -> None:
    gone = replace(known(), features={}, promises=None, facts={}, unknown=("Promises, growth: they are gone.",))

    assert brief_of(gone).unknown == ("Promises, growth: they are gone.", "Moves up: no model was good enough.")


@pytest.mark.parametrize(
    ("values", "stands"),
    [
        ({"tiers_above": 0.0}, "advantage: no next plan"),
        ({"tiers_above": 1.0}, "advantage: not known"),
        ({"tiers_above": 1.0, "new_capabilities": 0.0}, "advantage: may stop it"),
        ({"tiers_above": 1.0, "new_capabilities": 2.0}, "advantage: nothing against it"),
        ({"seats_of_limit": 0.8}, "advantage: nothing against it"),
        ({"seats_of_limit": 0.79}, "advantage: may stop it"),
        ({"next_plan_hours": 40.0}, "ease: may stop it"),
        ({"next_plan_hours": 39.0, "migration_hours": 90.0}, "ease: nothing against it"),
        ({"next_tier_price": 2.0}, "ease: may stop it"),
        ({"accessories_fitting_share": 0.5}, "compatibility: may stop it"),
        ({"accessories_breaking": 0.0, "accessories_fitting_share": 0.5}, "compatibility: nothing against it"),
        ({"milestones_overdue": 1.0}, "quick_start: may stop it"),
        ({"milestones_overdue": 1.0, "tiers_above": 1.0}, "advantage: not known, quick_start: may stop it"),
        ({"milestones_overdue": 1.0, "tiers_above": 0.0}, "advantage: no next plan, quick_start: no next plan"),
    ],
)
def test_a_moment_of_truth_stands_as_its_facts_say(values: dict[str, float], stands: str) -> None:
    assert ", ".join(f"{moment.name}: {moment.stands}" for moment in moments({}, values)) == stands


def test_a_score_alone_leaves_a_moment_open() -> None:
    (moment,) = moments({"score_ease": 10.0}, {})
    assert (moment.score, moment.stands, moment.told) == (10.0, "not known", ())


def test_a_missing_value_is_told_and_is_no_number() -> None:
    material = replace(known(), features=held(extensions_182d=(float("nan"), None, None)))
    fact = brief_of(material).by_key["growth.extensions.extensions_182d"]
    assert (fact.value, fact.text) == (None, "No product of a known family used so far")


def test_an_account_without_a_name_goes_by_its_id() -> None:
    nameless = replace(known(), report=replace(known().report, row={**known().report.row, "name": None}))
    assert brief_text(brief_of(nameless)).startswith("a1: brief for a meeting")
    assert '<h1 dir="auto">a1</h1>' in brief_html(brief_of(nameless))


def test_an_override_stands_beside_the_chance() -> None:
    row = {"outcome": "churn", "verdict": "too high", "made_by": "kim", "made_on": T, "expires_on": T}
    brief = brief_of(replace(known(), overrides=pd.DataFrame([row])))
    assert "kim said of leaving: too high, on 1 Jan 2026, valid until 1 Jan 2026" in brief_text(brief)


class TestNamesThatWouldDoHarm:
    def test_on_the_page_they_are_text(self) -> None:
        page = brief_html(brief_of(fullest()))

        for tag in ("<script", "<img", "<b onmouseover", "<Acme>", "<!-- comment"):
            assert tag not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page

    def test_on_the_terminal_they_steer_nothing(self) -> None:
        steering = {**known().report.row, "name": "Red \x1b[31m \u202eLLIM\nnext line", "owner": NAMES[0]}
        material = replace(known(), report=replace(known().report, row=steering))

        text = brief_text(brief_of(material))

        assert all(letter.isprintable() or letter == "\n" for letter in text)
        assert text.startswith("Red  [31m  LLIM next line: brief")
        assert NAMES[0] in text

    def test_a_page_holds_no_script_and_asks_nobody(self) -> None:
        page = brief_html(brief_of(fullest()))

        policy = page.split('http-equiv="Content-Security-Policy" content="')[1].split('"')[0]
        assert policy.startswith("default-src &#39;none&#39;; style-src &#39;sha256-")
        assert "script-src" not in policy
        assert "<script" not in page
        assert "http://" not in page
        assert "https://" not in page


def test_a_commentary_is_shown_apart_and_its_markup_is_text() -> None:
    brief = brief_of(known())
    said = replace(brief, commentary=commentary("20% may <b>leave</b>, 35% soon.", "my_llm:say", brief))

    text, page = brief_text(said), brief_html(said)

    assert "Commentary by my_llm:say: no part of the facts above\n  20% may <b>leave</b>, ~~35%~~ soon." in text
    assert "1 number, not among the facts, struck out." in text
    assert "20% may &lt;b&gt;leave&lt;/b&gt;, <del>" in page
    assert "35%</del> soon." in page
    assert HANDED in text.replace("\n      ", " ")
    assert HANDED in page
