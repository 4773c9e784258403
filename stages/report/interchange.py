"""The study for other programs: responses as lm-evaluation-harness logs its samples, and a model card.

Per-problem grades are plots/tables/grades.csv, the numbers metrics/summary.json (described in metrics/README.md).
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import yaml

from stages.questions.exam import EXAMS
from stages.report.cells import interval, percent
from stages.report.inputs import Study
from stages.report.summary import headline
from stages.report.tables import compared_table, pooled_table, verdict
from stages.study.records import Grade, Response


def samples(study: Study, run: str) -> list[dict[str, Any]]:
    """What a student answered, in the form of `lm_eval --log_samples`: one object a response, `exact_match` 0 or 1.

    `doc` holds the problem, `resps` the text, `filtered_resps` the answer found in it, or an empty text.
    `arg_0` is the problem's statement alone, without the words in which it is asked.
    """
    return [_sample(study, number, *said) for number, said in enumerate(study.answers[run].values())]


def _sample(study: Study, number: int, response: Response, grade: Grade) -> dict[str, Any]:
    source, one = grade.source, grade.problem_id
    problem = study.exam.problems[one] if source == EXAMS else study.exam.benchmarks[source][one]
    doc: dict[str, Any] = {"id": one, "source": source, "statement": problem.statement, "answer": problem.answer}
    doc |= {"split": grade.split, "fold": grade.fold}
    texts = {"doc": json.dumps(doc, ensure_ascii=False), "prompt": problem.statement, "target": problem.answer}
    options = {"max_gen_toks": response.student.budget, "do_sample": response.student.temperature > 0}
    return {
        "doc_id": number,
        "doc": doc,
        "target": problem.answer,
        "arguments": {"gen_args_0": {"arg_0": problem.statement, "arg_1": options}},
        "resps": [[response.text]],
        "filtered_resps": [grade.answer or ""],
        "filter": "stages.answers",
        "metrics": ["exact_match"],
        "exact_match": int(grade.verdict == "match"),
        "finish_reason": response.finish_reason,
        **{f"{name}_hash": hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()},
    }


def model_card(study: Study, summary: Mapping[str, Any]) -> str:
    """A card for the adapters of the headline's level: YAML head as the Hugging Face hub reads it, then Markdown."""
    level = headline(summary)
    told, student = summary["levels"][level], study.params.blocks["student"]
    held, train = told["held_out"], study.params.blocks["train"]
    name = f"{student['name'].rpartition('/')[2]}-{level}"
    head: dict[str, Any] = {
        "language": ["en"],
        "library_name": "mlx",
        "pipeline_tag": "text-generation",
        "tags": ["mlx", "lora", "chain-of-thought", "distillation", "mathematics"],
        "model-index": [{"name": name, "results": _results(study, told)}],
    }
    if student["source"] == "hub":  # the hub resolves nothing else
        head["base_model"], head["base_model_relation"] = student["name"], "adapter"
    tables = [table for table in (pooled_table(summary), compared_table(summary)) if table is not None]
    parts = [
        f"---\n{yaml.safe_dump(head, sort_keys=False, allow_unicode=True)}---",
        f"# {name}",
        f"LoRA adapters ({', '.join(told['runs'])}) for {student['name']} {student['revision']}, trained on a"
        f" teacher's reasoning at level {level} ({told['chain_words']:.0f} words on average), about problems of the"
        f" corpus {study.params.corpus}. The teacher is whoever wrote `{study.params.recording}`, and"
        f" {study.params.blocks['teacher']['solver']['model']} for requests that are not recorded there.",
        verdict(summary),
        "## Results",
        *(f"**{table.title}**\n\n{table.markdown()}\n\n{table.note}" for table in tables),
        "## Training",
        f"On average {told['trained_tokens']:.0f} tokens a run. Settings:",
        f"```yaml\n{yaml.safe_dump(train, sort_keys=False)}```",
        "## Limits",
        f"Each adapter is measured on the problems that its own fold holds out; the accuracy over all folds is that"
        f" of the method, not of one adapter. {held['truncated']} of {held['n']} responses were cut off at"
        f" {study.params.blocks['generate']['max_tokens']} tokens. Short competition problems without figures, in"
        " English, greedy decoding; nothing is known of other mathematics. An answer can be wrong, and its reasoning"
        " wrong where the answer is right.",
    ]
    return "\n\n".join(parts) + "\n"


def _results(study: Study, told: Mapping[str, Any]) -> list[dict[str, Any]]:
    held, corpus = told["held_out"], study.params.corpus
    metric = {
        "type": "accuracy",
        "name": f"held-out accuracy, % (95 % interval {interval(held)}, {held['n']} problems)",
        "value": float(percent(held["accuracy"])),
        "verified": False,
    }
    dataset = {"type": corpus, "name": f"{corpus} (problems held out)"}
    return [{"task": {"type": "text-generation"}, "dataset": dataset, "metrics": [metric]}]
