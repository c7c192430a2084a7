"""Say how many mutants the tests killed, by module; fail if it is less than nine in ten of all.

A mutant is the code with one small change, such as ``<`` for ``<=``. If all tests still pass, nothing checks
what was changed, or it changes nothing. ``make mutants`` makes them with mutmut and runs this script; only
mutants on which tests were run count.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pandas as pd

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


def main() -> None:
    """Print the table, and fail if the score is too low."""
    command = [sys.executable, "-m", "mutmut", "results", "--all", "true"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    table = score_table(said)
    total = table.iloc[-1]
    if not total["mutants"]:
        sys.exit("there are no mutants; run `mutmut run` first")
    print(table.to_string(index=False, formatters={"score": "{:.1%}".format}))
    print(f"{said.count(': ' + LEFT_OUT)} further mutants were left out")
    if total["score"] < LEAST:
        sys.exit(f"the tests kill {total['score']:.1%} of the mutants; expected at least {LEAST:.0%}")


if __name__ == "__main__":
    main()
