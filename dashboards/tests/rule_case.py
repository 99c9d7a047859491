"""A small language for tests of alerts, and promtool, which runs them."""

import subprocess
import tempfile

import yaml

from harness import ROOT
from prometheus import tool

RULES = [str(ROOT / "dashboards" / "prometheus" / name)
         for name in ("acronis_rules.yml", "acronis_alerts.yml")]
RUNBOOK = ("https://github.com/acronis-task-exporter/acronis_task_exporter/blob/main/dashboards/"
           "runbooks/{}.md")
GRAFANA = "http://localhost:3000/d/{}?var-job=acronis{}"
MINUTE, HOUR, DAY = 1, 60, 1440


def series(metric, values, account="emea", instance="one:10977", job="acronis", **labels):
    """One series; `values` in promtool's notation, a value a minute."""
    labels = {"job": job, "instance": instance, "account": account, **labels}
    inside = ", ".join(f'{name}="{value}"' for name, value in labels.items() if value is not None)
    return {"series": f"{metric}{{{inside}}}", "values": values}


def clock(minutes, behind=0, begins=0):
    """Values of a time that goes with Prometheus' own, so many minutes behind."""
    return f"{'_ ' * begins}{60 * (begins - behind)}+60x{minutes - begins}"


class Alert:
    """What is always the same of one alert."""

    def __init__(self, name, severity, layer, summary):
        self.name, self.severity, self.layer, self.summary = name, severity, layer, summary

    def fires(self, description, account="emea", instance="one:10977", **labels):
        """The alert as it must come out, to the last character."""
        labels = {"job": "acronis", "instance": instance, "account": account,
                  "severity": self.severity, "layer": self.layer, **labels}
        board = "acronis-overview" if self.layer == "tasks" else "acronis-exporter"
        of_account = "" if self.layer == "exporter" else f"&var-account={account}"
        return {"exp_labels": {name: value for name, value in labels.items() if value is not None},
                "exp_annotations": {"summary": self.summary, "description": description,
                                    "runbook_url": RUNBOOK.format(self.name),
                                    "dashboard_url": GRAFANA.format(board, of_account)}}


def all_alerts():
    """Their names."""
    with open(RULES[1], encoding="utf-8") as file:
        groups = yaml.safe_load(file)["groups"]
    return [rule["alert"] for group in groups for rule in group["rules"]]


def failures_of(inputs, expected, every):
    """What promtool has against it. `expected`: {(alert, minute): what of it fires then}; the rules
    are evaluated `every` so many minutes."""
    test = {
        "rule_files": RULES,
        "evaluation_interval": f"{every}m",
        "group_eval_order": ["acronis.rules", "acronis.exporter", "acronis.data", "acronis.tasks"],
        "tests": [{
            "interval": "1m",
            "input_series": inputs,
            "alert_rule_test": [{"eval_time": f"{minute}m", "alertname": name, "exp_alerts": alerts}
                                for (name, minute), alerts in expected.items()],
        }],
    }
    with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as file:
        yaml.safe_dump(test, file)
        file.flush()
        done = subprocess.run([tool("promtool"), "test", "rules", file.name], check=False,
                              capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr
