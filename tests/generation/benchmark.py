"""How much faster batches are than one prompt at a time, on the same BLAS, and whether both say the same.

    python -m tests.generation.benchmark [ALONE]      (needs models/base and the splits; 6 prompts alone if not told)

Prints tokens a second of CPU time for fold 0's problems in one batch and for the first ALONE of them one by one, with
what all prompts begin with read anew each time, and how many of those texts are the same.
"""

import sys
import time

from stages.student import cpu

cpu.prepare(1)

from stages.generation.decoding import answer_batch  # noqa: E402
from stages.questions.exam import read_exam  # noqa: E402
from stages.questions.prompt import student_messages  # noqa: E402
from stages.student import base  # noqa: E402
from stages.student.rows import prompt_tokens  # noqa: E402
from stages.study import params as parameters  # noqa: E402
from stages.study.params import Variant  # noqa: E402


def main(alone: int) -> None:
    params = parameters.load()
    questions = read_exam(params).asked_of(None, Variant(student="base", fold=0))
    model, tokenizer = base.load()
    prompts = [prompt_tokens(tokenizer, student_messages(one.statement)) for one in questions]
    answer_batch(model, tokenizer, prompts[:1], 2)  # loads what is loaded once
    rates, said = {}, {}
    for name, batches in {"batch": [prompts], "alone": [[one] for one in prompts[:alone]]}.items():
        began = time.process_time()
        said[name] = [one for batch in batches for one in answer_batch(model, tokenizer, batch, 96)]
        rates[name] = sum(one.tokens for one in said[name]) / (time.process_time() - began)
        print(f"{name}: {len(said[name])} responses, {rates[name]:.1f} tokens a second")
    same = sum(one.text == other.text for one, other in zip(said["alone"], said["batch"], strict=False))
    print(f"batched {rates['batch'] / rates['alone']:.1f} times as fast; {same} of {alone} texts the same")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 6)
