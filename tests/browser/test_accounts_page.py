"""The accounts page in a browser, as somebody works with it: by mouse, by keyboard, on a phone, on paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from serving.pages.accounts import accounts_html
from serving.pages.material import Behind
from tests.browser.visits import LAPTOP, PHONE, faults, visit
from tests.page_company import NAMES, material, nothing_happened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROWS = "#accounts tbody tr"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "accounts.html"
    path.write_text(accounts_html(material()), encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Browser, file: Path) -> Iterator[Page]:
    with visit(browser, file) as opened:
        yield opened


def ids(page: Page) -> str:
    """The accounts of the list's rows in their order: `a0 a1`."""
    links = page.locator(f"{ROWS} td a")
    return " ".join(str(link.get_attribute("href")).removeprefix("#account=") for link in links.all())


class TestList:
    def test_names_that_would_do_harm_are_shown_as_they_are(self, page: Page) -> None:
        shown = [name.strip() for name in page.locator(f"{ROWS} td a").all_text_contents()]
        assert shown == [name.strip() for name in (*NAMES[:8], "a8", NAMES[9])]
        assert "<Acme> & sons" in str(page.text_content("h1"))

    def test_it_says_when_it_was_made_and_what_is_not_published(self, page: Page) -> None:
        assert page.text_content("#dates") == "As of 30 Jun 2025 · data up to 29 Jun 2025 · the first list"
        assert "Nothing is published for moving up. Refused: only 3 <positives>" in str(page.text_content("#notices"))

    def test_filters_hold_together_and_are_cleared(self, page: Page) -> None:
        page.select_option("#by-owner", label="kim (5)")
        assert ids(page) == "a0 a2 a4 a6 a8"
        page.select_option("#by-band", label="usual (5)")
        assert ids(page) == "a6 a8"
        assert page.text_content("#count") == "2 accounts of 10"
        page.fill("#find", "9")
        page.wait_for_selector("text=No account matches")
        page.click("#clear")
        page.wait_for_selector("#count:text-is('10 accounts')")
        assert ids(page) == "a0 a1 a2 a3 a4 a5 a6 a7 a8 a9"

    def test_free_text_finds_names_without_their_accents_and_every_word_of_them(self, page: Page) -> None:
        page.fill("#find", "zoe CAFE")
        page.wait_for_selector("#count:text-is('1 account of 10')")
        assert ids(page) == "a9"

    def test_a_click_on_a_column_sorts_and_what_is_missing_comes_last_both_ways(self, page: Page) -> None:
        head = "th[data-column='value']"
        page.click(head)
        page.wait_for_selector(f"{head}[aria-sort='descending']")
        assert ids(page) == "a0 a1 a2 a3 a4 a5 a6 a7 a8 a9"
        page.click(head)
        page.wait_for_selector(f"{head}[aria-sort='ascending']")
        assert ids(page) == "a8 a7 a6 a5 a4 a3 a2 a1 a0 a9"

    def test_above_the_top_it_says_so(self, browser: Browser, tmp_path: Path) -> None:
        path = tmp_path / "accounts.html"
        path.write_text(accounts_html(material(), top=4), encoding="utf-8")
        with visit(browser, path) as page:
            assert "The first 4 of 10 accounts by rank" in str(page.text_content("#notices"))
            assert ids(page) == "a0 a1 a2 a3"


class TestAccount:
    def test_the_keyboard_opens_it_and_back_returns_to_where_one_was(self, page: Page) -> None:
        page.focus(f"{ROWS}:nth-child(4) a")
        page.keyboard.press("Enter")
        page.wait_for_selector("#account-view:not([hidden])")
        assert page.evaluate("document.activeElement.id") == "account-title"
        assert page.title().startswith(NAMES[3])
        assert not page.is_visible("#filters")
        page.go_back()
        page.wait_for_selector("#filters")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#account=a3"

    def test_a_click_anywhere_in_its_row_opens_it(self, page: Page) -> None:
        page.click(f"{ROWS}:nth-child(2) td.col-reason")
        page.wait_for_selector("#account-view:not([hidden])")
        assert page.url.endswith("#account=a1")

    def test_a_link_names_it(self, browser: Browser, file: Path) -> None:
        with visit(browser, file, fragment="#account=a0") as page:
            page.wait_for_selector("#timeline svg")
            assert page.text_content("#account-title") == NAMES[0]
            assert page.text_content("#next .play") == "Call <now>"
            assert "kim said of leaving: too high, on 1 Jun 2025" in str(page.text_content(".override"))
            assert "Chance that it leaves between 14 Jul 2025 and 11 Oct 2025" in str(page.text_content("#chances"))
        with visit(browser, file, fragment="#account=%3Cb%3Enobody") as page:
            assert "No account with the id <b>nobody is on this page" in str(page.text_content("#account-view"))

    def test_reasons_go_both_ways_with_their_weight(self, browser: Browser, file: Path) -> None:
        with visit(browser, file, fragment="#account=a0") as page:
            ways = page.locator("#reasons .outcome").first.locator(".way")
            assert [str(text) for text in ways.locator("h5").all_text_contents()] == [
                "What pushes it to leave",
                "What keeps it",
            ]
            assert "Active days fell to 2 <b>in</b> the last 28" in str(ways.nth(0).text_content())
            assert ways.locator(".weight").all_text_contents() == ["odds +123%", "odds −39%"]
            assert "All other reasons" not in str(page.text_content("#reasons"))

    def test_the_reasons_of_a_chance_add_up(self, browser: Browser, tmp_path: Path) -> None:
        made = material()
        pointed = replace(
            made, lists=replace(made.lists, reasons=made.lists.reasons.assign(points=[25.0, -5.0, 0.4] + [1.0] * 25))
        )
        path = tmp_path / "accounts.html"
        path.write_text(accounts_html(pointed), encoding="utf-8")
        with visit(browser, path, fragment="#account=a0") as page:
            said = str(page.text_content("#reasons .outcome >> nth=0"))
            assert "+25.0 points" in said
            assert "−5.0 points" in said
            assert "All other reasons together +0.4 points. All of them lead from " in said
            assert "(where the model starts, nothing known of an account) to 60.0%." in said

    def test_what_would_move_it_says_how_many_did_so_and_that_it_is_no_promise(
        self, browser: Browser, tmp_path: Path
    ) -> None:
        path = tmp_path / "accounts.html"
        made = material()
        steps = [
            ("churn", "Active days came to 9 (now: 2)", 0.05, 0.087),
            ("adoption", "Users came to 9 (now: 2)", 0.4, 0.3),
        ]
        moves = pd.DataFrame(steps, columns=["outcome", "text", "probability", "bound"])
        moves = moves.assign(account_id="a0", step=1, similar=[5, 60], enough=True)
        path.write_text(accounts_html(replace(made, lists=replace(made.lists, moves=moves))), encoding="utf-8")
        with visit(browser, path, fragment="#account=a0") as page:
            down, up = (str(page.text_content(f"#moves-{name}")) for name in ("churn", "adoption"))
            assert "What would bring it under 8.7%, where the usual begins, in the model's view; no promise" in down
            assert "leaves 5.0%Few similar accounts did so (5 of 100)" in down
            assert "What would bring it over 30.0%, where it stands out" in up
            assert "takes on more 40.0%Many similar accounts did so (60 of 100)" in up

    def test_a_reason_is_followed_to_its_place_in_the_timeline(self, browser: Browser, file: Path) -> None:
        with visit(browser, file, fragment="#account=a0") as page:
            page.click("#reasons .follow >> nth=1")
            assert page.evaluate("document.activeElement.id") == "timeline-title"
            assert page.input_value("#lane") == "answers"
            assert page.locator("#timeline .moments li").all_text_contents() == [
                "1 Jun 2025 Answer, would recommend: 3 of 10"
            ]
            page.click("#reasons .follow >> nth=0")
            assert "use in the last 28 days, which the reason is about" in str(page.text_content("#timeline"))
            assert page.locator("#timeline svg .window").count() == 1
            assert page.locator("#timeline svg .use").count() == 52

    def test_a_date_that_was_missed_is_seen_and_an_answer_stands_on_its_scale(
        self, browser: Browser, tmp_path: Path
    ) -> None:
        made = material()
        rows = [
            ("promise_missed", "how_to", "high", None),
            ("answer", "csat", None, 4.0),
            ("answer", "csat", None, 8.0),
        ]
        moments = pd.DataFrame(rows, columns=["kind", "what", "detail", "number"])
        moments = moments.assign(account_id="a0", day=date(2025, 6, 20))
        happened = replace(made.happened, moments=moments, lanes=(*made.happened.lanes, "promise_missed"))
        reasons = made.lists.reasons.assign(feature="promises_broken_91d")
        behind = {"promises_broken_91d": Behind("tickets", 91)}
        missed = replace(made, happened=happened, lists=replace(made.lists, reasons=reasons), behind=behind)
        path = tmp_path / "accounts.html"
        path.write_text(accounts_html(missed), encoding="utf-8")
        with visit(browser, path, fragment="#account=a0") as page:
            lines = [str(line) for line in page.locator("#timeline .moments li").all_text_contents()]
            assert "20 Jun 2025 Answer, satisfied: 4 of 5" in lines
            assert "20 Jun 2025 Answer, satisfied: 8" in lines, "an answer beyond its scale is told as it is"
            page.click("#reasons .follow >> nth=0")
            assert page.locator("#timeline .moments li").all_text_contents() == [
                "20 Jun 2025 Promised date missed: how to (high)"
            ]
            assert page.locator("#timeline svg .missed").count() == 1

    def test_what_is_missing_is_said_plainly(self, browser: Browser, tmp_path: Path) -> None:
        path = tmp_path / "accounts.html"
        path.write_text(accounts_html(replace(material(), happened=nothing_happened())), encoding="utf-8")
        with visit(browser, path, fragment="#account=a9") as page:
            said = str(page.text_content("#account-view"))
            assert "Nothing that is known sets it apart from the others." in said
            assert "Nothing can be shown: there is no table of use, answers, tickets, offers or contacts" in said
            assert "This is the first list, so there is nothing to compare with." in said
            assert "Not asked: it is none of those whom this outcome is about." in said
            assert "What it pays is not known" in said
            assert "Nothing is published for this: no model was good enough." in said

    def test_notice_is_told_as_decided(self, browser: Browser, tmp_path: Path) -> None:
        made = material()
        given, first = "Notice given, ends 14 Aug 2025", made.lists.accounts["account_id"] == "a1"
        accounts = made.lists.accounts.assign(notice=made.lists.accounts["notice"].mask(first, given))
        accounts = accounts.assign(
            band=accounts["band"].mask(first, "notice"),
            churn_probability=accounts["churn_probability"].mask(first),
            adoption_probability=accounts["adoption_probability"].mask(first),
            expected_value=accounts["expected_value"].mask(first),
        )
        path = tmp_path / "accounts.html"
        path.write_text(accounts_html(replace(made, lists=replace(made.lists, accounts=accounts))), encoding="utf-8")
        with visit(browser, path) as page:
            row = page.locator("#accounts tbody tr", has=page.locator("a[href='#account=a1']"))
            assert "notice given" in str(row.text_content())
            assert row.locator("[title='Decided: notice given, ends 14 Aug 2025.']").count() == 1
            page.select_option("#by-band", label="notice (1)")
            assert page.locator("#accounts tbody tr").count() == 1
        with visit(browser, path, fragment="#account=a1") as page:
            assert page.text_content(".facts .band") == given
            assert f"{given}: agree on how it ends" in str(page.text_content("#next"))
            said = str(page.text_content("#account-view"))
            assert "Decided: notice given, ends 14 Aug 2025." in said
            assert "Expected to move" not in said
            assert "nothing is predicted and no reason is told" in str(page.text_content("#reasons"))

    def test_lanes_without_their_table_are_named(self, browser: Browser, file: Path) -> None:
        with visit(browser, file, fragment="#account=a9") as page:
            said = str(page.text_content("#timeline"))
            assert "no such table or its use is not allowed: terms, steps." in said
            assert "Nothing dated in these 52 weeks." in said


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_everybody_can_use_it(browser: Browser, file: Path, size: dict[str, int], scheme: str) -> None:
    with visit(browser, file, size=size, scheme=scheme) as page:
        page.click("#help summary")
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        page.click(f"{ROWS} a >> nth=0")
        page.wait_for_selector("#timeline svg")
        page.click(".follow >> nth=0")
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_on_a_phone_the_list_is_sorted_by_a_menu(browser: Browser, file: Path) -> None:
    with visit(browser, file, size=PHONE) as page:
        page.select_option("#sort-by", label="Account")
        page.wait_for_selector("th[data-column='account'][aria-sort]", state="attached")
        assert ids(page).split()[0] == "a6"
        assert page.locator(f"{ROWS} td.col-band").first.get_attribute("data-label") == "Band"


def test_a_printed_list_says_how_much_of_it_is_on_the_paper(page: Page) -> None:
    assert not page.is_visible("#printed")
    page.emulate_media(media="print")
    assert page.text_content("#printed") == "All 10 accounts."
    assert page.is_visible("#printed")
    assert not page.is_visible("#count")
    page.emulate_media(media="screen")
    page.select_option("#by-owner", label="kim (5)")
    assert page.text_content("#printed") == "All 5 accounts that match, of 10."


def test_a_long_list_prints_its_first_fifty(browser: Browser, tmp_path: Path) -> None:
    made = material()
    accounts = pd.concat([made.lists.accounts] * 7, ignore_index=True)
    accounts = accounts.assign(account_id=[f"c{n}" for n in range(70)], rank=range(1, 71))
    path = tmp_path / "accounts.html"
    path.write_text(accounts_html(replace(made, lists=replace(made.lists, accounts=accounts))), encoding="utf-8")
    with visit(browser, path) as page:
        assert page.text_content("#printed") == "The first 50 of 70 accounts."
        page.click(".dt-paging-button:text-is('2')")
        assert page.text_content("#printed") == "Accounts 51 to 70 of 70 accounts."


@pytest.mark.parametrize("millimetres", [210, 215.9], ids=["A4", "Letter"])
def test_a_printed_list_is_no_wider_than_its_paper(page: Page, millimetres: float) -> None:
    wide = int((millimetres - 20) / 25.4 * 96)  # less the margins
    page.set_viewport_size({"width": wide, "height": 1000})
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= wide


def test_it_prints(page: Page) -> None:
    page.click(f"{ROWS} a >> nth=0")
    page.wait_for_selector("#timeline svg")
    page.emulate_media(media="print")
    assert not page.is_visible(".follow >> nth=0")
    assert not page.is_visible(".back")
    assert page.is_visible("#reasons")
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_an_account_prints_on_one_page(page: Page) -> None:
    page.click(f"{ROWS} a >> nth=0")
    page.wait_for_selector("#timeline svg")
    page.evaluate("window.print = () => { window.asked = true; }")
    page.click("#one-page")
    assert page.evaluate("window.asked")
    page.emulate_media(media="print")
    assert not page.is_visible("#timeline")
    assert "holdfast explain a0 --brief" in str(page.text_content(".on-one-page"))
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.is_visible("#timeline")


def test_a_script_that_got_in_otherwise_does_not_run(browser: Browser, file: Path) -> None:
    opened = browser.new_page()
    opened.goto(file.resolve().as_uri())
    opened.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = true'}))"
    )
    assert opened.evaluate("window.ran") is None
    opened.close()
