"""Say how many mutants the tests killed, by module; fail if it is less than nine in ten.

A mutant is the code with one small change, such as ``<`` for ``<=``. If all tests still pass, nothing checks
what was changed, or it changes nothing. ``make mutants`` makes them with mutmut and runs this script; only
mutants on which tests were run count. Where some were left out, the others are a sample: it fails if its 95 %
interval lies below nine in ten.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pandas as pd
from scipy.stats import binomtest

LEAST = 0.9
"""Share of all mutants that the tests have to kill."""
KILLED = ("killed", "timeout", "caught by type check")
"""How a mutant ends that was noticed."""
LEFT_OUT = "not checked"
"""What is said of a mutant on which no test was run."""


def score_table(text: str) -> pd.DataFrame:
    """Mutants that were tested, by module and in all, from what ``mutmut results --all true`` prints.

    Returns
    -------
    DataFrame
        One row per module, and one for ``all``: module, mutants, killed, score (a share).
    """
    counts: Counter[tuple[str, bool]] = Counter()
    for line in text.splitlines():
        name, _, status = line.strip().partition(": ")
        if status and status != LEFT_OUT:
            counts[name.rpartition(".")[0], status in KILLED] += 1
    rows = [
        (module, counts[module, True] + counts[module, False], counts[module, True])
        for module in dict.fromkeys(module for module, _ in counts)
    ]
    table = pd.DataFrame(rows, columns=["module", "mutants", "killed"])
    table.loc[len(table)] = ["all", table["mutants"].sum(), table["killed"].sum()]
    return table.assign(score=table["killed"] / table["mutants"])


def too_few(killed: int, mutants: int, left_out: int) -> bool:
    """Whether the tests kill less than `LEAST` of the mutants, as far as those can tell that were tested."""
    if not left_out:
        return killed < LEAST * mutants
    return bool(binomtest(killed, mutants).proportion_ci(method="wilson").high < LEAST)


def main() -> None:
    """Print the table, and fail if the score is too low."""
    command = [sys.executable, "-m", "mutmut", "results", "--all", "true"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    table = score_table(said)
    total = table.iloc[-1]
    if not total["mutants"]:
        sys.exit("there are no mutants; run `mutmut run` first")
    print(table.to_string(index=False, formatters={"score": "{:.1%}".format}))
    left_out = said.count(f": {LEFT_OUT}")
    print(f"{left_out} further mutants were left out")
    if too_few(total["killed"], total["mutants"], left_out):
        sys.exit(f"the tests kill {total['score']:.1%} of the mutants; expected at least {LEAST:.0%}")


if __name__ == "__main__":
    main()
