"""What was measured, against its goal and its peer, and the table of it in docs/performance.md."""

import dataclasses
import statistics
import sys

BEGIN, END = "<!-- bench:begin -->\n", "<!-- bench:end -->\n"


@dataclasses.dataclass
class Row:
    """One thing measured, every value of it, and what it is held against."""

    what: str
    unit: str
    values: list
    at_most: float = None
    at_least: float = None
    peer: str = ""
    peer_values: list = dataclasses.field(default_factory=list)
    ratios: list = dataclasses.field(default_factory=list)  # Round by round.
    least_ratio: float = None
    most_ratio: float = None

    def median(self):
        return statistics.median(self.values)

    def ratio(self):
        return statistics.median(self.ratios) if self.ratios else \
            self.median() / statistics.median(self.peer_values)

    def goal(self):
        """The goal as text, and whether it is met."""
        if self.at_most is not None:
            return f"at most {number(self.at_most)} {self.unit}", self.median() <= self.at_most
        if self.at_least is not None:
            return f"at least {number(self.at_least)} {self.unit}", self.median() >= self.at_least
        if self.least_ratio is not None:
            return f"at least {times(self.least_ratio)} the peer", self.ratio() >= self.least_ratio
        if self.most_ratio is not None:
            return f"at most {times(self.most_ratio)} the peer", self.ratio() <= self.most_ratio
        return "", True

    def cells(self):
        goal, met = self.goal()
        measured = f"{number(self.median())} {self.unit} ({number(min(self.values))} to " \
                   f"{number(max(self.values))})"
        cells = [self.what, goal, measured, ("yes" if met else "**no**") if goal else ""]
        if not self.peer:
            return [*cells, "", "", ""]
        peer = f"{number(statistics.median(self.peer_values))} {self.unit}"
        return [*cells, self.peer, peer, f"{self.ratio():.2f}"]


def number(value):
    """Three digits, more where the whole part needs them."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def times(ratio):
    return f"{ratio:.0%} of" if ratio <= 1 else f"{ratio:.3g} times"


def table(rows):
    lines = [["What", "Goal", "Measured (range)", "Met", "Peer", "Peer's", "Ratio"]]
    lines += [row.cells() for row in rows]
    text = ["| " + " | ".join(cells) + " |" for cells in lines]
    text.insert(1, "|---|---|---|---|---|---|---|")
    return text


def write_section(page, title, lines):
    """Puts the lines under the heading `title` between the markers of the page, instead of those that
    are there."""
    text = page.read_text(encoding="utf-8")
    head, begin, rest = text.partition(BEGIN)
    block, end, tail = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{page} needs one pair of markers {BEGIN.strip()} and {END.strip()}")
    # Each section begins with its heading; what is before the first one goes.
    sections = dict(part.split("\n", 1) for part in ("\n" + block).split("\n### ")[1:])
    sections[title] = "\n" + "\n".join(lines) + "\n"
    block = "\n".join(f"### {name}\n\n{body.strip()}\n" for name, body in sections.items())
    page.write_text(f"{head}{begin}\n{block}\n{end}{tail}", encoding="utf-8")
