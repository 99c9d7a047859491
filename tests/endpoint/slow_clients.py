"""The attacks of slowhttptest: while they last, an ordinary client is served as ever."""

import csv
import re

import certificates
import siege

CONNECTIONS = 200
SECONDS = 9  # Shorter than the server's patience: the attackers are all there to the end.
# Name, options, and whether the attackers hold on to their connections.
ATTACKS = (("slow headers", "-H -x 24", True),
           ("slow bodies", "-B -s 8192", True),
           ("slow reading", "-X -k 5 -w 512 -y 1024 -n 2 -z 32", True),
           ("ranges", "-R -a 5 -b 3000", False))


class Attack(siege.Siege):
    def __init__(self, name, simulator, options, holds, kind=None):
        super().__init__(f"slowhttptest: {name}", simulator)
        self.options, self.holds, self.kind = options, holds, kind

    def attempt(self):
        fortress, peak = self.build(kind=self.kind), []
        statistics = self.folder / "slow"
        attack = self.start("slowhttptest", *self.options.split(), "-u", fortress.url, "-c",
                            CONNECTIONS, "-r", CONNECTIONS, "-i", 1, "-l", SECONDS, "-p", 5, "-g",
                            "-o", statistics)

        def over():
            peak.append(fortress.connections())
            return attack.process.poll() is not None
        fortress.scrape_until(over, "the attack to end")
        self.assertEqual(attack.wait(), 0, attack.output())
        self.judge(attack, statistics.with_suffix(".csv"))
        if self.holds:
            self.assertGreater(max(peak), 0.9 * CONNECTIONS, "the attack was none")
        fortress.check_descriptors()
        self.show(f", {max(peak)} connections at once")

    def judge(self, attack, statistics):
        """What the attacker says of its success."""
        plain = re.sub(r"\x1b\[[\d;]*[A-Za-z]", "", attack.output())
        said = re.findall(r"service available: +(\w+)", plain)
        self.assertEqual(set(said), {"YES"}, attack.output())
        with open(statistics, newline="", encoding="ascii") as lines:
            rows = list(csv.DictReader(lines))
        self.assertTrue(rows, attack.output())
        self.assertNotIn("0", {row["Service Available"] for row in rows}, rows)


def cases(simulator):
    return [*(Attack(name, simulator, options, holds) for name, options, holds in ATTACKS),
            *(Attack(f"{name}, in TLS", simulator, options, holds, kind=certificates.ELLIPTIC)
              for name, options, holds in ATTACKS[:3])]
