"""What different readers get of the start page: without JavaScript, in the dark, on a phone, by
ear, with the keyboard, and with an eye on the network and the console."""

import json
import pathlib

import scene
import trials
from chromium import Browser
from harness import ROOT, fetch, until

MEASURE = (pathlib.Path(__file__).parent / "measure.js").read_text(encoding="utf-8")
PICTURES = ROOT / "build" / "browser"
COLUMNS = ["Account", "Last poll", "Counted up to", "Tasks counted", "Last error"]
# What WCAG 2.2 AA asks for: 1.4.3 and 2.5.8. It has no smallest text; phones and their owners do.
CONTRAST, TARGET, SMALLEST = 4.5, 24, 12
AGO = r"\d+ (s|min|h|d) ago"
STATES = {scene.GOOD: f"^. good {AGO}$", scene.REFUSED: f"^. failed {AGO}$",
          scene.TRICKY: f"^. failed {AGO}$", scene.LONG: "^. not yet$"}


class Reading(trials.Trial):
    """One reader, with a window of their own on the page of the scene."""

    def __init__(self, name, stage, **screen):
        super().__init__(f"start page: {name}")
        self.stage, self.screen = stage, screen

    def setUp(self):
        super().setUp()
        self.browser = self.enterContext(Browser(self.stage.driver))
        self.adapt(**self.screen)

    def adapt(self, width=1280, height=800, mobile=False, scheme="light"):
        self.browser.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height,
                              deviceScaleFactor=1, mobile=mobile)
        self.browser.devtools("Emulation.setEmulatedMedia",
                              features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self):
        self.browser.open(self.stage.page)

    def measure(self, what):
        return self.browser.run(f"{MEASURE}\nreturn {what};")

    def none(self, found, what):
        self.assertFalse(found, f"{what}: {json.dumps(found, indent=1)}")


class WithoutScripts(Reading):
    """Nothing of the page needs JavaScript."""

    def attempt(self):
        self.browser.devtools("Emulation.setScriptExecutionDisabled", value=True)
        self.browser.open("data:text/html,<title>off</title><script>document.title='on'</script>")
        self.assertEqual(self.measure("document.title"), "off")
        self.open()
        page = self.measure("content()")
        scrape = self.stage.exporter.scrape()
        ((version,),) = scrape.sum("acronis_exporter_build_info", by=("version",))
        self.assertEqual(page["headings"], ["Acronis task exporter"])
        self.assertIn(f"Version {version}\n", page["body"])
        self.assertIn("4 accounts: 2 failed, 1 not polled yet, 1 good.", page["body"])
        self.assertEqual([name for name, _ in page["columns"]], COLUMNS)
        self.check_rows(page["rows"])

    def check_rows(self, rows):
        self.assertEqual([row[0] for row in rows],
                         [scene.REFUSED, scene.TRICKY, scene.LONG, scene.GOOD])
        for name, poll, reached, counted, error in rows:
            good = name == scene.GOOD
            self.assertRegex(poll, STATES[name])
            self.assertRegex(reached, f"^{AGO}$" if good else "^first catch-up not complete$")
            self.assertEqual(counted, f"{scene.COUNTED:,}" if good else "0")
            self.assertEqual(error == "none", name in (scene.GOOD, scene.LONG), error)
        self.assertIn("HTTP 401", rows[0][4])


class Literal(Reading):
    """What looks like HTML in names and in what servers say is shown as it is."""

    def attempt(self):
        self.open()
        page = self.measure("content()")
        self.assertIn(scene.TRICKY_ERROR, {row[0]: row[4] for row in page["rows"]}[scene.TRICKY])
        self.assertEqual((page["scripts"], page["images"]), (0, 0))


class Linked(Reading):
    """Every link leads to something."""

    def attempt(self):
        self.open()
        links = self.measure("content()")["links"]
        paths = ["metrics", "-/healthy", "-/ready"]
        self.assertEqual(links, [f"{self.stage.page}{path}" for path in paths])
        self.assertEqual([fetch(link).status for link in links], [200, 200, 200])


class Seen(Reading):
    """Texts stand out from what is behind them, are large enough, whole, and apart; nothing has to
    be scrolled sideways; links can be hit with a thumb."""

    def attempt(self):
        self.open()
        texts = self.measure("texts()")
        self.assertGreater(len(texts), 20)
        self.none([text for text in texts if text["contrast"] < CONTRAST], "too pale")
        self.none([text for text in texts if text["size"] < SMALLEST], "too small")
        self.none([text for text in texts if text["cut"]], "cut")
        self.none(self.measure("overlaps()"), "over each other")
        self.none(self.measure("broken()"), "broken over lines")
        layout = self.measure("layout()")
        self.assertEqual((layout["width"], layout["content"]), (self.screen["width"],) * 2)
        self.assertEqual(len(layout["links"]), 3)
        self.none([link for link in layout["links"] if min(link["width"], link["height"]) < TARGET],
                  "too small for a thumb")
        dark = self.measure("luminance(background(document.body))") < 0.2
        self.assertEqual(dark, self.screen.get("scheme") == "dark")
        self.photograph()

    def photograph(self):
        """For people to look at, the whole page."""
        height = self.browser.run("return document.documentElement.scrollHeight")
        self.adapt(**{**self.screen, "height": height})
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.browser.screenshot(PICTURES / f"{self.name.partition(': ')[2].replace(' ', '-')}.png")


class Heard(Reading):
    """What a screen reader is told."""

    def attempt(self):
        self.open()
        nodes = self.browser.devtools("Accessibility.getFullAXTree")["nodes"]
        self.tree = [node for node in nodes if not node["ignored"]]
        page = self.measure("content()")
        self.assertEqual((page["lang"], page["title"]), ("en", "Acronis task exporter"))
        self.assertEqual(self.names("RootWebArea"), ["Acronis task exporter"])
        self.assertEqual(self.names("heading"), ["Acronis task exporter", "Accounts"])
        self.assertEqual([len(self.names(role)) for role in ("banner", "navigation", "main")],
                         [1, 1, 1])
        self.assertEqual(self.names("link"), ["Metrics", "Health", "Readiness"])
        self.check_table(page)
        self.check_times(page["times"])

    def names(self, role):
        return [node.get("name", {}).get("value", "") for node in self.tree
                if node.get("role", {}).get("value") == role]

    def check_table(self, page):
        self.assertEqual(self.names("table"), page["captions"])
        self.assertRegex(page["captions"][0], r"^As of [-\d]+ [:\d]+ UTC, failed accounts first\.")
        self.assertEqual(self.names("columnheader"), COLUMNS)
        self.assertEqual({scope for _, scope in page["columns"]}, {"col"})
        rows = page["rows"]
        self.assertEqual(self.names("rowheader"), [row[0] for row in rows])
        self.assertEqual(set(page["scopes"]), {"row"})
        cells = self.names("cell")
        self.assertEqual(len(cells), len(scene.ACCOUNTS) * (len(COLUMNS) - 1))
        # By a word, and without the sign before it and the label that the eye has.
        for cell, row in zip(cells[::4], rows):
            self.assertRegex(cell, STATES[row[0]].replace(". ", ""))
        self.assertEqual(cells[3::4], [row[4] for row in rows])

    def check_times(self, times):
        self.assertEqual(len(times), 5)  # Three polls, one watermark, and now.
        for moment, words in times:
            self.assertRegex(moment, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
            self.assertRegex(words, r"^(\d+ (s|min|h|d)|[-\d]+ [:\d]+ UTC)$")


class Typed(Reading):
    """The keyboard reaches the links, one after the other, and shows where it is."""

    def attempt(self):
        self.open()
        for name in ("Metrics", "Health", "Readiness"):
            for kind in ("keyDown", "keyUp"):
                self.browser.devtools("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab",
                                      windowsVirtualKeyCode=9)
            self.assertEqual(self.browser.run(
                "const it = document.activeElement; const {outlineStyle, outlineWidth} = "
                "getComputedStyle(it); return [it.textContent, outlineStyle === 'none', "
                "parseFloat(outlineWidth) >= 1]"), [name, False, True])


class Quiet(Reading):
    """The page asks for nothing but itself, the console has nothing to say, and the policy keeps
    out what would be smuggled in."""

    ELSEWHERE = "http://127.0.0.1:9/picture.png"

    def attempt(self):
        self.open()
        self.assertEqual([event["request"]["url"] for event in self.heard("requestWillBeSent")],
                         [self.stage.page])
        self.none(self.browser.log("browser"), "on the console")
        self.browser.run("document.body.append(Object.assign(new Image(), {src: arguments[0]}));"
                         "const script = document.createElement('script');"
                         "script.textContent = 'document.title = \"taken\"';"
                         "document.body.append(script)", self.ELSEWHERE)
        blocked = []
        until(lambda: blocked.extend(self.heard("loadingFailed")) or blocked, "the picture to fail")
        self.assertEqual([event["blockedReason"] for event in blocked], ["csp"])
        self.assertNotEqual(self.measure("document.title"), "taken")

    def heard(self, what):
        """The events of this kind in the network since the last call."""
        events = [json.loads(entry["message"])["message"] for entry in
                  self.browser.log("performance")]
        return [event["params"] for event in events if event["method"] == f"Network.{what}"]


def cases(stage):
    phone = {"width": 390, "height": 844, "mobile": True}
    return [
        WithoutScripts("complete without JavaScript", stage),
        Literal("HTML is shown as text", stage), Linked("links lead somewhere", stage),
        Seen("light", stage, width=1280, height=800),
        Seen("dark", stage, width=1280, height=800, scheme="dark"),
        Seen("phone", stage, **phone), Seen("phone in the dark", stage, **phone, scheme="dark"),
        Seen("phone held sideways", stage, width=844, height=390, mobile=True),
        Seen("smallest phone", stage, width=320, height=568, mobile=True),
        Seen("narrowest table", stage, width=897, height=800),
        Seen("widest screen", stage, width=2560, height=1440),
        Heard("screen reader", stage), Heard("screen reader on a phone", stage, **phone),
        Typed("keyboard", stage), Quiet("no requests, no complaints", stage)]
