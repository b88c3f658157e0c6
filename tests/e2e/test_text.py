"""Every text in every language, under the same keys; units and numbers as people write them."""

import ast
import re
from pathlib import Path

import openfit
import pytest
from openfit_schema.metrics import METRICS
from openfit_sdk.manifest import installed, read_manifest

WEB = Path(openfit.__file__).parent / "web"
PARTS = sorted(path.name for path in (WEB / "text" / "en").glob("*.js"))
SHAPES = """async (name) => {
  const shape = (it) =>
    typeof it === "function" ? `function of ${it.length}` :
    Array.isArray(it) ? it.map(shape) :
    it && typeof it === "object" ?
      Object.fromEntries(Object.keys(it).sort().map((key) => [key, shape(it[key])])) : typeof it;
  const of = (language) => import(`/static/text/${language}/${name}`).then((it) => shape(it.text));
  return Promise.all([of("en"), of("de")]);
}"""


@pytest.fixture(scope="module")
def blank(browser, filled):
    """A page of the hub that nothing is asked of but modules."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{filled.url}/sign-in")
    yield page
    context.close()


def test_both_languages_have_the_same_parts():
    assert PARTS
    assert sorted(path.name for path in (WEB / "text" / "de").glob("*.js")) == PARTS


@pytest.mark.parametrize("name", PARTS)
def test_both_languages_say_the_same_things(blank, name):
    english, german = blank.evaluate(SHAPES, name)
    if name == "names.js":  # a word that is not there is written as the schema has it
        for part in ("words", "given", "metrics"):
            assert set(english.pop(part)) <= set(german.pop(part))
    if name == "errors.js":  # the hub itself speaks English
        for part in ("of", "files"):
            assert set(english.pop(part)) <= set(german.pop(part))
    assert german == english


# What only who runs the hub meets, at its console.
CONSOLE = ("cli", "leaving/moving.py", "leaving/restore.py", "leaving/sealed.py", "upgrade.py")
CONSOLE += (
    "access/resealing.py",
    "leaving/in_use.py",
    "leaving/unfinished.py",
    "serving.py",
    "hub.py",
)
CODE = re.compile("[a-z][a-z_]+")


def codes_in(module: Path) -> set[str]:
    """Every error code that a module gives by name: to a call, or as the usual one of a class."""
    tree = ast.parse(module.read_text())
    given = [
        one.value for call in walk(tree, ast.Call) for one in call.keywords if one.arg == "code"
    ]
    for thing in walk(tree, ast.ClassDef):
        given += [one.value for one in thing.body if named(one) == "code"]
    return {
        one.value
        for one in given
        if isinstance(one, ast.Constant) and CODE.fullmatch(str(one.value))
    }


def walk(tree, kind):
    return [one for one in ast.walk(tree) if isinstance(one, kind)]


def named(statement):
    return statement.targets[0].id if isinstance(statement, ast.Assign) else None


def test_german_has_a_sentence_for_every_refusal_that_a_person_can_meet(blank):
    from openfit.api.errors import CODES
    from openfit.intake.import_reports import NEXT_STEPS

    core = WEB.parent
    modules = [
        one for one in core.rglob("*.py") if not str(one.relative_to(core)).startswith(CONSOLE)
    ]
    asked_for = {code for module in modules for code in codes_in(module)} | {*CODES.values()}
    assert len(asked_for) > 100
    catalogue = "import('/static/text/de/errors.js').then((it) => [it.text.of, it.text.files])"
    of, files = (
        set(part) for part in blank.evaluate(f"{catalogue}.then((it) => it.map(Object.keys))")
    )
    reports = {"unknown_metric", "impossible_values"}  # remarks, which are the plugin's words
    lacking = asked_for - of - files - reports
    assert lacking == set(), "say them in web/text/de/errors.js"
    assert {*NEXT_STEPS} <= files


def test_what_is_not_known_is_said_in_the_hubs_own_words(browser, filled):
    context = browser.new_context(locale="de-DE")
    page = context.new_page()
    page.goto(f"{filled.url}/sign-in")
    given = "{code: 'new_one', message: 'No.', next_step: 'Do it.'}"
    said = asked(page, "errors.js", f"Promise.all([it.inWords({given}), it.ofFile({given})])")
    fixed = asked(page, "errors.js", "it.inWords({code: 'sign_in', message: 'No.'})")
    context.close()
    assert [one["message"] for one in said] == [
        "Das ging nicht. Der Hub sagt dazu: „No.“",
        "Das Plugin sagt dazu: „No.“",
    ]
    assert said[0]["next_step"] == "Er rät: „Do it.“"
    assert "gehören nicht zusammen" in fixed["message"]


def test_german_has_what_the_hubs_own_plugins_call_themselves_and_their_cards(blank):
    own = [found.module for found in [*installed(), *installed("openfit.demo")]]
    manifests = [read_manifest(name) for name in {*own, "openfit.analytics"}]
    said = {one.name for one in manifests} | {card.title for one in manifests for card in one.cards}
    said |= {action.title for one in manifests for action in one.actions.values()}
    catalogue = "import('/static/text/de/names.js').then((it) => Object.keys(it.text.given))"
    assert {"File import", "Hours by week", "Demo devices"} <= said <= {*blank.evaluate(catalogue)}


def test_german_has_the_words_of_what_actions_of_the_hubs_own_plugins_ask_for(blank):
    forms = [
        action.form()
        for found in installed()
        for action in read_manifest(found.module).actions.values()
    ]
    asked_for = {one.name for form in forms for one in form}
    asked_for |= {choice for form in forms for one in form for choice in one.choices}
    said = {word.replace("_", " ").capitalize() for word in asked_for}
    catalogue = "import('/static/text/de/names.js').then((it) => Object.keys(it.text.given))"
    assert said and said <= {*blank.evaluate(catalogue)}


def test_german_has_every_metric_of_the_schema_but_the_scores_of_vendors(blank):
    catalogue = "import('/static/text/de/names.js').then((it) => Object.keys(it.text.metrics))"
    assert {one for one in METRICS if "." not in one} <= {*blank.evaluate(catalogue)}


@pytest.mark.parametrize("path", sorted(WEB.glob("**/*.js")), ids=lambda path: path.name)
def test_no_text_stands_in_the_code(path):
    """What people read is in the catalogue: no words between tags, none in the labels of them."""
    if "vendor" in path.parts or "text" in path.parts:
        return
    source = re.sub(r"^\s*(//|/?\*).*$", "", path.read_text(), flags=re.MULTILINE)
    templates = re.findall(r"html`(.*?)`", source, flags=re.DOTALL)
    said = [
        words
        for template in templates
        for words in re.findall(r"[\w\"}]>\s*([A-Z][a-z]+ ?[a-z ]*)<", template)
    ]
    labels = re.findall(r"(?:aria-label|title|placeholder)=\"[A-Za-z ]+\"", source)
    assert said + labels == []


def asked(page, module, expression):
    return page.evaluate(f"import('/static/{module}').then((it) => {expression})")


@pytest.mark.parametrize(
    ("metres", "metric", "imperial"),
    [
        (42_195, "42.20 km", "26.22 mi"),
        (850, "850 m", "0.53 mi"),
        (100, "100 m", "328 ft"),
        (250_000, "250.0 km", "155.3 mi"),
        (None, "–", "–"),
    ],
)
def test_a_distance_in_both_systems(blank, metres, metric, imperial):
    given = "null" if metres is None else metres
    both = f"[it.distance({given}, 'metric'), it.distance({given}, 'imperial')]"
    assert asked(blank, "format.js", both) == [metric, imperial]


@pytest.mark.parametrize(
    ("value", "code", "digits", "metric", "imperial"),
    [
        (70, "kg", 1, "70.0 kg", "154.3 lb"),
        (36.6, "Cel", 1, "36.6 °C", "97.9 °F"),
        (-40, "Cel", 0, "−40 °C", "−40 °F"),
        (1000, "m", 0, "1,000 m", "3,281 ft"),
        (10, "m/s", 1, "36.0 km/h", "22.4 mph"),
        (180, "cm", 0, "180 cm", "71 in"),
        (120, "mm[Hg]", 0, "120 mmHg", "120 mmHg"),
    ],
)
def test_a_value_in_both_systems(blank, value, code, digits, metric, imperial):
    written = [f"it.measure({value}, '{code}', {digits}, '{of}')" for of in ("metric", "imperial")]
    assert asked(blank, "format.js", f"[{','.join(written)}]") == [metric, imperial]


def test_a_pace_in_both_systems(blank):
    said = blank.evaluate(
        """Promise.all([import("/static/format.js"), import("/static/units.js")]).then(
          ([{ pace }, { lengths }]) => ["metric", "imperial"].map(
            (of) => [pace(1000 / 300, lengths(of).far), pace(1, lengths(of).pool)]))"""
    )
    assert said == [["5:00", "1:40"], ["8:03", "1:31"]]


def test_a_difference_of_temperatures_has_no_zero_to_move(blank):
    turned = "it.turned(1, 'Cel', { of: 'imperial', difference: true })"
    assert asked(blank, "units.js", turned) == {"value": pytest.approx(1.8), "unit": "°F"}


@pytest.mark.parametrize(
    ("locale", "chosen", "language", "number", "plural", "system"),
    [
        ("en-US", None, "en", "1,234 files", "1 file", "imperial"),
        ("en-GB", None, "en", "1,234 files", "1 file", "metric"),
        ("de-AT", None, "de", None, "1 Datei", "metric"),
        ("fr-FR", None, "en", "1,234 files", "1 file", "metric"),
        ("en-US", "de", "de", "1.234 Dateien", "1 Datei", "metric"),
    ],
)
def test_the_browser_or_the_person_chooses(
    browser, filled, locale, chosen, language, number, plural, system
):
    context = browser.new_context(locale=locale)
    page = context.new_page()
    page.goto(f"{filled.url}/sign-in")
    if chosen:
        page.evaluate(f"localStorage.setItem('openfit.language', '{chosen}')")
        page.reload()
    said = page.evaluate(
        """Promise.all([
          import("/static/text/language.js"), import("/static/text.js"), import("/static/units.js"),
        ]).then(([{ language }, { text }, { system }]) => [
          language, text.sources.importFiles(1234), text.sources.importFiles(1), system,
          document.documentElement.lang,
        ])"""
    )
    context.close()
    assert said[0] == said[4] == language
    assert number is None or said[1] == number
    assert said[2:4] == [plural, system]
