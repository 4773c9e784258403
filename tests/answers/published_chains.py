"""How the study's published chains end: `python -m tests.answers.published_chains [FOLDER]` (default ../shared/obryan).

For each published level, the share of texts that end in the true answer, that are truncated, that contradict the
true answer, and the rest (no answer found, or undecided). A text counts as truncated if its last box is not closed, a
brace or a dollar sign stays open at its end, or it stops in the middle of a sentence. The contradictions are listed
for a person to look at.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

from tabulate import tabulate

from stages.answers import compare, extract

_WHOLE = re.compile(r"(?:[.!?)\]}%°$*`✓✗]|□|∎|\d|\b[A-Z]+)\s*$")


def truncated(text: str) -> bool:
    """Whether a text looks cut off: something is left open, or its last line is a sentence without an end."""
    last = text.rstrip().rsplit("\n", 1)[-1]
    if text.count("\\[") > text.count("\\]") or text.count("$$") % 2 or text.count("\\(") > text.count("\\)"):
        return True
    if text.count("{") - text.count("\\{") > text.count("}") - text.count("\\}"):
        return True
    return last.endswith(("=", ":")) or (not _WHOLE.search(text) and len(last.split()) > 3)


def study(folder: Path) -> tuple[dict[str, Counter[str]], list[tuple[str, str, str, str, str]]]:
    """Counts of outcomes by level, and (problem, level, key, answer, reason) of each contradiction."""
    problems = [json.loads(line) for line in (folder / "truth/problems.jsonl").read_text("utf-8").splitlines()]
    keys = {problem["id"]: problem["answer"] for problem in problems}
    counts: dict[str, Counter[str]] = {}
    contradictions = []
    for line in (folder / "chains/published.jsonl").read_text("utf-8").splitlines():
        chain = json.loads(line)
        level = counts.setdefault(chain["published_level"], Counter())
        cut = truncated(chain["text"])
        found = extract(chain["text"], cut)
        verdict = compare(keys[chain["problem_id"]], found.answer or "")
        level["texts"] += 1
        level[f"tier {found.tier}"] += 1
        if cut and found.answer is None:
            level["truncated"] += 1
        elif found.answer is None:
            level["no answer"] += 1
        else:
            level[verdict.verdict] += 1
        if found.answer is not None and verdict.verdict == "no":
            contradictions.append(
                (chain["problem_id"], chain["published_level"], keys[chain["problem_id"]], found.answer, verdict.reason)
            )
    return counts, contradictions


def main() -> None:
    """Print the table and the contradictions."""
    counts, contradictions = study(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/obryan"))
    outcomes = ("match", "truncated", "no", "undecided", "no answer")
    rows = [
        [level, count["texts"], *(f"{count[outcome] / count['texts']:.1%}" for outcome in outcomes)]
        for level, count in sorted(counts.items())
    ]
    print(
        tabulate(
            rows, ["level", "texts", "true answer", "truncated", "contradicts", "undecided", "none found"], "github"
        )
    )
    print("\nContradictions:")
    print(tabulate(contradictions, ["problem", "level", "key", "answer found", "why"], "github", disable_numparse=True))


if __name__ == "__main__":
    main()
