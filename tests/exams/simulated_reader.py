"""What a third reader would be worth: its transcripts are made from right texts, some of them with an error.

    python -m tests.exams.simulated_reader CORPUS RATE [SEED]

names a folder below data/raw with PDFs and a `truth.jsonl`, and the share of transcripts that get an error: another
digit, another sign, a letter less, a lost mark of an exponent, two numbers exchanged, a lost last sentence. Prints, of
all questions with a known text, how many are usable and not doubtful, and how many of these have a wrong statement.
No model is asked, so this says what the rules make of such a reader, not how good any model is.
"""

import random
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from stages.exams.corpus import extract
from stages.exams.score import normal, paired, read_truth
from stages.exams.settings import ExtractSettings, VisionSettings
from stages.exams.third import Transcript
from stages.study import params as study_params
from stages.study.records import Problem
from stages.teacher.reader import Transcript as Seen


def _another_digit(text: str, dice: random.Random) -> str:
    return _replaced(text, r"\d", lambda old: str((int(old) + dice.randint(1, 9)) % 10), dice)


def _another_sign(text: str, dice: random.Random) -> str:
    return _replaced(text, r"[-+<>=≤≥]", lambda old: dice.choice("+-=<".replace(old, "")), dice)


def _a_letter_less(text: str, dice: random.Random) -> str:
    return _replaced(text, r"(?<=[a-z])[a-z](?=[a-z])", lambda _: "", dice)


def _no_exponent(text: str, dice: random.Random) -> str:
    return _replaced(text, r"\^", lambda _: "", dice)


def _numbers_exchanged(text: str, dice: random.Random) -> str:
    places = list(re.finditer(r"\d+", text))
    if len({place[0] for place in places}) < 2:
        return text
    first = dice.choice(places[:-1])
    second = next((place for place in places if place.start() > first.start() and place[0] != first[0]), first)
    between = text[first.end() : second.start()]
    return text[: first.start()] + second[0] + between + first[0] + text[second.end() :] if second != first else text


def _no_last_sentence(text: str, dice: random.Random) -> str:
    sentences = re.split(r"(?<=[.?!]) ", text)
    return " ".join(sentences[:-1]) if len(sentences) > 1 else text


def _replaced(text: str, pattern: str, new: Callable[[str], str], dice: random.Random) -> str:
    places = list(re.finditer(pattern, text))
    if not places:
        return text
    place = dice.choice(places)
    return text[: place.start()] + new(place[0]) + text[place.end() :]


ERRORS = (_another_digit, _another_sign, _a_letter_less, _no_exponent, _numbers_exchanged, _no_last_sentence)


def with_an_error(text: str, dice: random.Random) -> str:
    """The text with one error of a random kind that it has a place for; a letter less where nothing else fits."""
    for error in dice.sample(ERRORS, len(ERRORS)):
        changed = error(text, dice)
        if normal(changed) != normal(text):
            return changed
    return text[:-2]


def main() -> None:
    corpus, rate, *seed = sys.argv[1:]
    dice = random.Random(int(seed[0]) if seed else 1)
    folder = Path("data/raw") / corpus
    params = study_params.load()
    settings = params.block("extract", ExtractSettings)
    truth = read_truth(folder / "truth.jsonl")

    def read(ask: str, look: Callable[..., dict[str, Transcript]] | None = None) -> list[Problem]:
        vision = VisionSettings(ask=ask, attempts=1, max_tokens=1)
        told = settings.model_copy(update={"vision": vision})
        return extract(corpus, folder, told, params.machine.usable_cores(), {"backend": "loky"}, look).problems

    right = {problem.id: row.statement for problem, row in paired(read("none"), truth)}
    spoilt = set(dice.sample(sorted(right), round(float(rate) * len(right))))

    def look(asked: Sequence[tuple[str, str]], image: Callable[[str], bytes]) -> dict[str, Transcript]:
        texts = {name: with_an_error(right[name], dice) if name in spoilt else right[name] for name, _ in asked
                 if name in right}  # fmt: skip
        return {name: Seen(statement=text) for name, text in texts.items()}

    for ask in ("none", "doubtful", "all"):
        pairs = paired(read(ask, look), truth)
        kept = [(p, row) for p, row in pairs if p.usable and not p.reading.doubtful]
        wrong = [p.id for p, row in kept if normal(p.statement) != normal(row.statement)]
        print(f"{ask}: {len(kept) / len(pairs):.3f} of {len(pairs)} usable and not doubtful, "
              f"{len(wrong) / len(kept):.3f} of these wrong")  # fmt: skip
        print("  wrong:", *wrong)
        print("  left:", *(f"{p.id} ({p.reason}; {'; '.join(p.reading.doubts)})" for p, _ in pairs
                           if not p.usable or p.reading.doubtful), sep="\n    ")  # fmt: skip


if __name__ == "__main__":
    main()
