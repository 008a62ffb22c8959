"""Opens pages in headless Chromium and checks what people would see and what a page must not do.

usage: check.py PROGRAM AXE [--keep FOLDER]

With --keep, pictures in light and dark, wide and narrow, and as printed, are left in a folder.
"""

import argparse
import tempfile
import time
from pathlib import Path

import hostile
from browser import Browser
from pages import Pages
from selenium.webdriver.common.keys import Keys

SAMPLES = Path(__file__).parents[2] / "data-samples/trail"
# Seconds on a machine that does other things as well.
PATIENCE = 10
ELEMENTS = {
    "HTML", "HEAD", "META", "TITLE", "STYLE", "BODY", "A", "HEADER", "MAIN", "FOOTER", "SECTION", "NAV", "DIV",
    "P", "H1", "H2", "DL", "DT", "DD", "SMALL", "UL", "OL", "LI", "TABLE", "CAPTION", "THEAD", "TBODY", "TR", "TH",
    "TD", "SPAN", "BDI", "CODE", "PRE", "STRONG", "DETAILS", "SUMMARY", "FIGURE", "FIGCAPTION", "SCRIPT", "BUTTON",
    "LABEL", "INPUT", "OUTPUT", "svg", "title", "desc", "text", "line", "rect", "path",
}
TEXTS = "return Array.from(document.querySelectorAll('table.rows tbody tr:not([hidden])'), (row) => " \
    "row.cells[arguments[0]].textContent)"


def check_open(browser, path):
    seen = browser.open(path)
    assert seen == {"requests": [], "console": [], "violations": []}, f"{path.name}: {seen}"


def check_inert(browser, path):
    """No value became an element, an attribute that acts, or a link."""
    assert browser.run("return window.owned") is None, f"{path.name}: a value ran as a script"
    elements = browser.run("return [...new Set(Array.from(document.querySelectorAll('*'), (one) => one.tagName))]")
    assert set(elements) <= ELEMENTS, f"{path.name}: {set(elements) - ELEMENTS}"
    acting = browser.run(
        "return Array.from(document.querySelectorAll('*')).flatMap((one) => [...one.attributes]"
        ".filter((attribute) => /^(on|style$|src|srcdoc|action|formaction)/i.test(attribute.name))"
        ".map((attribute) => `${one.tagName} ${attribute.name}`))"
    )
    assert acting == [], f"{path.name}: {acting}"
    links = browser.run("return Array.from(document.querySelectorAll('[href]'), (one) => one.getAttribute('href'))")
    foreign = [link for link in links if not link.startswith(("#", "https://docs.aws.amazon.com/"))]
    assert foreign == [], f"{path.name}: {foreign}"
    broken = [link for link in links if link.startswith("#") and not browser.run(
        "return document.getElementById(arguments[0]) !== null", link[1:])]
    assert broken == [], f"{path.name}: {broken}"
    counts = browser.run("return ['script', 'style', 'base', 'iframe'].map((one) => document.getElementsByTagName(one).length)")
    assert counts == [1, 1, 0, 0], f"{path.name}: {counts}"
    twice = browser.run(
        "const ids = Array.from(document.querySelectorAll('[id]'), (one) => one.id);"
        "return ids.filter((id, index) => ids.indexOf(id) !== index)"
    )
    assert twice == [], f"{path.name}: {twice}"


def check_layout(browser, path, keep):
    """The page is never wider than its window, nor its tables wider than the paper."""
    for scheme in ["light", "dark"]:
        for size, width in [("wide", 1280), ("narrow", 390)]:
            browser.look(scheme, width)
            check_open(browser, path)
            over = browser.run("return document.documentElement.scrollWidth - window.innerWidth")
            assert over <= 0, f"{path.name}: {over} pixels wider than a window of {width}"
            if keep:
                browser.picture(keep / f"{path.stem}-{scheme}-{size}.png")
    browser.look(width=1032, media="print")
    wide = browser.run(
        "const most = document.querySelector('main').clientWidth;"
        "return Array.from(document.querySelectorAll('table, svg'), (one) => one.getBoundingClientRect().width)"
        ".filter((width) => width > most + 1)"
    )
    assert wide == [], f"{path.name}: wider than the paper: {wide}"
    tools = browser.run("return Array.from(document.querySelectorAll('.tools')).some((one) => one.checkVisibility())")
    assert not tools, f"{path.name}: the filter is printed"
    browser.look()
    printed = (keep or path.parent) / f"{path.stem}.pdf"
    browser.print(printed)
    assert browser.run("return document.querySelectorAll('table.rows th button').length") == browser.run(
        "return document.querySelectorAll('table.rows:has(tbody tr + tr) th').length"), "printing takes buttons away"


def check_accessible(browser, path, axe):
    for scheme in ["light", "dark"]:
        browser.look(scheme)
        browser.open(path)
        # What is not near the window would be passed over.
        browser.run("document.querySelectorAll('.chapter').forEach((one) => { one.style.contentVisibility = 'visible'; })")
        browser.run(axe)
        found = browser.driver.execute_async_script(
            "const done = arguments[0]; axe.run().then((found) => done(found.violations.map((one) => "
            "[one.impact, one.id, one.nodes.slice(0, 3).map((node) => node.html)])), (error) => done([['critical', String(error)]]))"
        )
        bad = [one for one in found if one[0] in ("serious", "critical")]
        assert bad == [], f"{path.name}, {scheme}: {bad}"


def check_values(browser, path):
    """Every hostile value is the text of its cell."""
    check_open(browser, path)
    check_inert(browser, path)
    texts = browser.run(
        "return Array.from(document.querySelectorAll('table.rows tbody tr'), (row) => {"
        " const cell = row.cells[0]; const whole = cell.querySelector('.whole');"
        " return [(whole ?? cell).textContent, whole !== null]; })"
    )
    assert len(texts) == len(hostile.VALUES)
    for value, (text, is_folded) in zip(hostile.VALUES, texts):
        expected = hostile.shown(value)
        if is_folded and value.startswith("{"):
            text, expected = "".join(text.split()), "".join(expected.split())
        assert text == expected, f"{text[:200]!r} is not {expected[:200]!r}"
    head = browser.run("return document.querySelector('table.rows th').textContent")
    assert head == "<b>value</b>", head


def check_sorting(browser, path):
    check_open(browser, path)

    def press(column, *keys):
        button = browser.driver.find_elements("css selector", "table.rows th button")[column]
        for key in keys:
            button.send_keys(key) if key else button.click()
        head = browser.run("return arguments[0].closest('th').ariaSort", button)
        return head, browser.run(TEXTS, column)

    numbers, names = ["-1.5", "9.0", "10.0", "100.0", ""], ["a", "B9", "b10", "é", ""]
    assert press(0, None) == ("ascending", numbers)
    assert press(0, Keys.ENTER) == ("descending", numbers[-2::-1] + [""])
    assert press(0, Keys.SPACE)[0] == "none"
    assert browser.run(TEXTS, 0) == ["10.0", "9.0", "", "-1.5", "100.0"], "the order of the query"
    assert press(1, Keys.ENTER) == ("ascending", names)
    assert press(2, None)[1] == ["2025-12-31", "2026-01-02", "2026-04-26", "2026-04-27", "2026-04-28"]
    sorts = browser.run("return Array.from(document.querySelectorAll('table.rows th'), (one) => one.ariaSort)")
    assert sorts == ["none", "none", "ascending"], sorts
    status = browser.run("return document.querySelector('output').value")
    assert status == "Sorted by day, ascending", status

    field = browser.driver.find_element("css selector", "input[type=search]")
    field.send_keys("2026-04 B")
    said = lambda: browser.run("return document.querySelector('output').value")
    browser.until(lambda: said() == "2 of 5 rows match", "the filter does not say what it found")
    assert browser.run(TEXTS, 1) == ["b10", "B9"]
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(Keys.DELETE)
    browser.until(lambda: len(browser.run(TEXTS, 1)) == 5, "the filter keeps rows out")


def check_keyboard(browser, path):
    """The first tab stop leads past the top, and what has focus is seen."""
    check_open(browser, path)
    body = browser.driver.find_element("css selector", "body")
    body.send_keys(Keys.TAB)
    active = "return [document.activeElement.textContent, document.activeElement.getBoundingClientRect().left >= 0, " \
        "getComputedStyle(document.activeElement).outlineStyle]"
    assert browser.run(active) == ["Skip to the content", True, "solid"], browser.run(active)
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert browser.run("return location.hash") == "#content"
    for _ in range(60):
        browser.driver.switch_to.active_element.send_keys(Keys.TAB)
        assert browser.run(active)[2] in ("solid", "auto"), browser.run("return document.activeElement.outerHTML")


def check_without_script(browser, path, least):
    browser.command("Emulation.setScriptExecutionDisabled", value=True)
    browser.driver.get(path.resolve().as_uri())
    browser.command("Emulation.setScriptExecutionDisabled", value=False)
    assert browser.run("return document.querySelectorAll('button, input').length") == 0
    rows = browser.run("return Array.from(document.querySelectorAll('table.rows tbody tr')).filter((one) => one.checkVisibility()).length")
    assert rows >= least, rows


def check_many(browser, path):
    """10,000 rows: how long the page takes to load, to be drawn, to be sorted and to be filtered."""
    times = {}

    def timed(name, action):
        started = time.monotonic()
        action()
        browser.run("return new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        times[name] = time.monotonic() - started

    timed("load", lambda: check_open(browser, path))
    count = lambda: browser.run("return document.querySelectorAll('table.rows tbody tr').length")
    button = lambda: browser.run("const more = document.querySelector('.more'); return more.hidden ? '' : more.textContent")
    assert (count(), button()) == (1000, "Show 1,000 of 9,000 more rows"), (count(), button())
    timed("show", lambda: browser.run("document.querySelector('table.rows').scrollIntoView()"))
    timed("scroll", lambda: browser.run("document.querySelector('.scroll:has(.rows)').scrollTop = 100000"))
    timed("sort", lambda: browser.run("document.querySelectorAll('table.rows th button')[5].click()"))
    timed("sort again", lambda: browser.run("document.querySelectorAll('table.rows th button')[1].click()"))
    field = browser.driver.find_element("css selector", "input[type=search]")

    def filter_rows():
        field.send_keys("RunTask")
        browser.until(lambda: "match" in browser.run("return document.querySelector('output').value"), "no answer")

    timed("more", lambda: browser.run("document.querySelector('.more').click()"))
    assert (count(), button()) == (2000, "Show 1,000 of 8,000 more rows"), (count(), button())
    least = browser.run("return Array.from(document.querySelectorAll('table.rows tbody tr'), (row) => row.cells[1].textContent)")
    assert least == sorted(least), "the first of all rows, sorted"
    timed("filter", filter_rows)
    found = browser.run("return document.querySelector('output').value")
    assert found.endswith(" of 10,000 rows match"), found
    browser.run("window.dispatchEvent(new Event('beforeprint'))")
    assert f"{count():,} of 10,000 rows match" == found, "all that match are printed"
    browser.run("window.dispatchEvent(new Event('afterprint'))")
    slow = {name: seconds for name, seconds in times.items() if seconds > PATIENCE}
    assert not slow, f"{path.name}: {slow}"
    return ", ".join(f"{name} {seconds:.2f} s" for name, seconds in times.items())


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("axe", type=Path)
    arguments.add_argument("--keep", type=Path)
    arguments = arguments.parse_args()
    axe, keep = arguments.axe.read_text(), arguments.keep
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        pages = Pages(arguments.program, SAMPLES, Path(folder))
        browser = Browser()
        try:
            books = list(pages.books())
            for path in [*books, *pages.hostile_books()]:
                browser.look()
                check_open(browser, path)
                check_inert(browser, path)
                check_layout(browser, path, keep)
                check_accessible(browser, path, axe)
                print(f"{path.name}: {path.stat().st_size >> 10} KiB")
            browser.look()
            check_values(browser, pages.values())
            check_sorting(browser, pages.sortable())
            check_keyboard(browser, books[0])
            check_without_script(browser, books[0], 100)
            many = pages.many()
            print("10,000 rows:", check_many(browser, many))
            check_without_script(browser, many, 10_000)
        finally:
            browser.close()


main()
