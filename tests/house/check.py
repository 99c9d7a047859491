"""Checks the rules of the house over a tree. Usage: check.py ROOT. Prints TAP."""

import sys

import rules


def main():
    tree = rules.Tree(sys.argv[1])
    print(f"1..{len(rules.RULES)}")
    for number, rule in enumerate(rules.RULES, 1):
        complaints = rule(tree)
        print(f"{'not ok' if complaints else 'ok'} {number} - {rule.__name__}")
        for complaint in complaints:
            print(f"# {complaint}")


if __name__ == "__main__":
    main()
