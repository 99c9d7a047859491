"""Every rule of the house can be broken, and keeps quiet about what is allowed. Prints TAP."""

import pathlib
import sys
import tempfile

import rules

# Rule, files of a tree, and whether the rule finds something in it.
CASES = [
    ("core knows nobody", rules.layers,
     {"plugin/core/a.h": '#include "plugin/api/transport.h"\n'}, True),
    ("core may use itself", rules.layers,
     {"plugin/core/a.h": '#include "plugin/core/task.h"\n'}, False),
    ("api does not know poll", rules.layers,
     {"plugin/api/a.cpp": '#include "plugin/poll/poller.h"\n'}, True),
    ("ledger does not know api", rules.layers,
     {"plugin/ledger/a.cpp": '#include "plugin/api/task_client.h"\n'}, True),
    ("poll may use api and ledger", rules.layers,
     {"plugin/poll/a.cpp": '#include "plugin/api/a.h"\n#include "plugin/ledger/ledger.h"\n'}, False),
    ("poll does not know the collector", rules.layers,
     {"plugin/poll/a.cpp": '#include "plugin/collector.h"\n'}, True),
    ("collector does not know the simulator", rules.layers,
     {"plugin/collector.cpp": '#include "plugin/simulator/server.h"\n'}, True),
    ("collector may use poll", rules.layers,
     {"plugin/collector.cpp": '#include "plugin/poll/poller.h"\n'}, False),
    ("plugin does not know the exporter", rules.layers,
     {"plugin/collector.cpp": '#include "exporter/log/log.h"\n'}, True),
    ("simulator uses only core", rules.layers,
     {"plugin/simulator/a.cpp": '#include "plugin/api/task_query.h"\n'}, True),
    ("exporter does not look behind the collector", rules.layers,
     {"exporter/web/a.cpp": '#include "plugin/poll/poller.h"\n'}, True),
    ("exporter uses the collector and core", rules.layers,
     {"exporter/a.cpp": '#include "plugin/collector.h"\n#include "plugin/core/task.h"\n'}, False),
    ("serve does not know the simulator", rules.layers,
     {"exporter/commands/serve.cpp": '#include "plugin/simulator/server.h"\n'}, True),
    ("demo may use the simulator", rules.layers,
     {"exporter/commands/demo.cpp": '#include "plugin/simulator/server.h"\n'}, False),
    ("nobody includes the tests", rules.layers,
     {"exporter/a.cpp": '#include "tests/fakes/clock.h"\n'}, True),
    ("core is standard library only", rules.foreign_headers,
     {"plugin/core/a.h": "#include <Poco/Timestamp.h>\n"}, True),
    ("core has no C headers of others", rules.foreign_headers,
     {"plugin/core/a.h": "#include <simdjson.h>\n"}, True),
    ("core may use the standard library", rules.foreign_headers,
     {"plugin/core/a.h": "#include <stop_token>\n#include <cstdint>\n"}, False),
    ("plugin has no Prometheus", rules.foreign_headers,
     {"plugin/collector.cpp": "#include <prometheus/registry.h>\n"}, True),
    ("plugin has no YAML", rules.foreign_headers,
     {"plugin/poll/a.cpp": "#include <yaml-cpp/yaml.h>\n"}, True),
    ("plugin has no command line", rules.foreign_headers,
     {"plugin/poll/a.cpp": "#include <CLI/CLI.hpp>\n"}, True),
    ("plugin serves no HTTP", rules.foreign_headers,
     {"plugin/api/a.cpp": "#include <Poco/Net/HTTPServer.h>\n"}, True),
    ("plugin may ask over HTTP", rules.foreign_headers,
     {"plugin/api/a.cpp": "#include <Poco/Net/HTTPSClientSession.h>\n"}, False),
    ("simulator may serve HTTP", rules.foreign_headers,
     {"plugin/simulator/a.cpp": "#include <Poco/Net/HTTPServer.h>\n"}, False),
    ("includes start at the top", rules.includes_exist,
     {"plugin/core/a.cpp": '#include "a.h"\n', "plugin/core/a.h": "#pragma once\n"}, True),
    ("includes from the top are fine", rules.includes_exist,
     {"plugin/core/a.cpp": '#include "plugin/core/a.h"\n', "plugin/core/a.h": ""}, False),
    ("a header without guard", rules.headers_guarded,
     {"plugin/core/a.h": "#include <string>\nint x;\n"}, True),
    ("a guard after an include", rules.headers_guarded,
     {"plugin/core/a.h": "#include <string>\n#pragma once\n"}, True),
    ("a guarded header", rules.headers_guarded,
     {"plugin/core/a.h": "// What it is.\n#pragma once\n\n#include <string>\n"}, False),
    ("a forgotten source", rules.sources_built,
     {"tests/core/meson.build": "files('b_test.cpp')", "tests/core/a_test.cpp": ""}, True),
    ("a named source", rules.sources_built,
     {"tests/core/meson.build": "files('a_test.cpp')", "tests/core/a_test.cpp": ""}, False),
    ("NOLINT alone", rules.lint_exceptions_explained,
     {"plugin/core/a.cpp": "int x;  // NOLINT\n"}, True),
    ("NOLINT without reason", rules.lint_exceptions_explained,
     {"plugin/core/a.cpp": "int x;  // NOLINT(misc-x)\n"}, True),
    ("NOLINT with check and reason", rules.lint_exceptions_explained,
     {"plugin/core/a.cpp": "int x;  // NOLINT(misc-x): reads well\n// NOLINTEND(misc-x)\n"}, False),
    ("a test that sleeps", rules.tests_do_not_sleep,
     {"tests/core/a_test.cpp": "std::this_thread::sleep" "_for(1s);\n"}, True),
    ("a test that waits", rules.tests_do_not_sleep,
     {"tests/core/a_test.cpp": "clock.SleepFor(1s, stop);\n"}, False),
    ("a link to nothing", rules.links_resolve,
     {"README.md": "[a](docs/none.md)\n"}, True),
    ("a link to no heading", rules.links_resolve,
     {"README.md": "# One\n[a](#two)\n"}, True),
    ("links that resolve", rules.links_resolve,
     {"README.md": "# One two\n[a](#one-two) [b](docs/a.md#its-part) [c](https://example.com)\n",
      "docs/a.md": "## It's `part`\n"}, False),
    ("a link in an example", rules.links_resolve,
     {"README.md": "```\n[a](docs/none.md)\n```\n"}, False),
    ("a budget that differs", rules.budgets_documented,
     {"tests/lib/run.py": '"lint": 60', "docs/development.md": "| `lint` | 90 s |\n"}, True),
    ("a suite without documentation", rules.budgets_documented,
     {"tests/lib/run.py": '"lint": 60, "fuzz": 10', "docs/development.md": "| `lint` | 60 s |\n"},
     True),
    ("budgets of more than an hour", rules.budgets_documented,
     {"tests/lib/run.py": '"lint": 3601', "docs/development.md": "| `lint` | 3601 s | x |\n"}, True),
    ("budgets that agree", rules.budgets_documented,
     {"tests/lib/run.py": '"lint": 60', "docs/development.md": "| `lint` | 60 s | x |\n"}, False),
    ("a machine's path", rules.nothing_foreign,
     {"docs/a.md": "see /wor" "k/notes.md\n"}, True),
    ("a private key", rules.nothing_foreign,
     {"tests/data/key.txt": "-----BEGIN RSA PRIVATE " "KEY-----\n"}, True),
    ("a left-over conflict", rules.nothing_foreign,
     {"a.md": "<<<<" "<<< HEAD\n"}, True),
    ("a clean text", rules.nothing_foreign,
     {"docs/a.md": "docs/work/notes.md and /etc/passwd\n"}, False),
    ("build trees do not count", rules.nothing_foreign,
     {"build-clang/a.md": "see /wor" "k/notes.md\n"}, False),
]


def holds(rule, files, found):
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = pathlib.Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return bool(rule(rules.Tree(root))) == found


def main():
    untested = {rule.__name__ for rule in rules.RULES} - {case[1].__name__ for case in CASES if case[3]}
    print(f"1..{len(CASES) + 1}")
    for number, (name, rule, files, found) in enumerate(CASES, 1):
        print(f"{'ok' if holds(rule, files, found) else 'not ok'} {number} - {rule.__name__}: {name}")
    print(f"{'not ok' if untested else 'ok'} {len(CASES) + 1} - every rule can be broken {untested or ''}")


if __name__ == "__main__":
    sys.exit(main())
