"""Published chains instead of the teacher's: `python -m stages.import_chains FILE PROBLEMS OUT`.

FILE holds one JSON object a line with problem_id, published_level, text and answer; PROBLEMS is a problems.jsonl, OUT
the chains.jsonl to write (`data/chains.jsonl`; go on with `dvc repro -s split` and what follows). Published levels
are not always shorter from one to the next, so each problem's six texts are put in order of length. A text is
dropped unless the checker finds the problem's answer at its end: others are cut off or contradict it. A problem is
kept only with six texts whose words fall strictly.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Sequence

from stages.answers import compare, extract
from stages.study.errors import StudyError, run_stage
from stages.study.files import read_records, write_records
from stages.study.records import Chain, Level, Problem, StrictRecord
from stages.teacher import chains


class Published(StrictRecord):
    """One published text."""

    problem_id: str
    published_level: str
    text: str
    answer: str


def adopt(
    published: Sequence[Published], problems: Sequence[Problem]
) -> tuple[list[Chain], Counter[str], Counter[str]]:
    """Chains in the order of `problems`; what became of each text, and of each problem, with counts."""
    by_problem: dict[str, list[Published]] = defaultdict(list)
    for item in published:
        by_problem[item.problem_id].append(item)
    texts: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    made: list[Chain] = []
    known = {problem.id: problem for problem in problems if problem.usable}
    outcomes["not among the usable problems"] = len(by_problem.keys() - known.keys())
    for problem_id, problem in known.items():
        bodies = []
        for item in by_problem.get(problem_id, []):
            fate = _fate(item.text, problem.answer)
            texts[fate] += 1
            if fate == "kept":
                bodies.append(chains.split_answer(item.text)[0])
        if problem_id not in by_problem:
            continue
        bodies.sort(key=chains.count_words, reverse=True)
        counts = [chains.count_words(chains.with_answer(body, problem.answer)) for body in bodies]
        if len(bodies) != len(Level):
            outcomes["without six good texts"] += 1
        elif not chains.falls(counts):
            outcomes["words do not fall strictly"] += 1
        else:
            outcomes["kept"] += 1
            made += chains.records(problem_id, dict(zip(Level, bodies, strict=True)), problem.answer)
    return made, texts, outcomes


def _fate(text: str, key: str) -> str:
    found = extract(text)
    if found.answer is None:
        return "no answer"
    verdict = compare(key, found.answer).verdict
    return {"match": "kept", "no": "another answer", "undecided": "answer not readable"}[verdict]


def main() -> None:
    if len(sys.argv) != 4:
        raise StudyError("usage: python -m stages.import_chains FILE PROBLEMS OUT")
    source, problems, out = sys.argv[1:]
    made, texts, outcomes = adopt(read_records(source, Published), read_records(problems, Problem))
    for what, counts in (("texts", texts), ("problems", outcomes)):
        print(f"{what}: " + ", ".join(f"{fate} {count}" for fate, count in sorted(counts.items()) if count))
    if not made:
        raise StudyError(f"{source}: no problem of {problems} has six chains; {out} is unchanged")
    write_records(out, made)


if __name__ == "__main__":
    run_stage(main)
