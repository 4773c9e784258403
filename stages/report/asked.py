"""Tables about the way of asking: fair baselines, other batches and wordings, several drawn responses."""

import pandas as pd

from stages.report.cells import (
    INTERVAL,
    PAIRED,
    Numbers,
    Table,
    finished,
    interval,
    paired_cells,
    percent,
    scored,
)


def baselines_table(summary: Numbers) -> Table:
    """The headline's level against the student before training, asked in each greedy way."""
    told = summary["baselines"]
    level, best = told["level"], told["best"]
    rows = []
    for key, one in told["of"].items():
        row = {"baseline": f"{key}, best" if key == best and len(told["of"]) > 1 else key, "budget": str(one["budget"])}
        row |= {"problems": str(one["held_out"]["n"]), **scored("", one["held_out"])}
        row |= {"not cut off": finished(one["finished"]), f"{level}, %": percent(one["level"]["accuracy"])}
        rows.append(row | paired_cells(one["versus"]))
    note = (
        f"Each row: the student before training, asked in one way, and {level} on the same problems. Budget: most"
        " tokens of a response; `not cut off`: accuracy among the responses that did not reach it. The best baseline is"
        f" the one with the highest accuracy on the {told['common']} problems that all of them answered. {INTERVAL}"
        f" Columns: {PAIRED}."
    )
    return Table(
        "Fair baselines", pd.DataFrame(rows).drop(columns=["trained on", "correct", "undecided", "words"]), note
    )


def variants_table(summary: Numbers) -> Table | None:
    """Every student that was asked once in another way, against itself asked as usual."""
    rows = []
    for key, told in summary["variants"].items():
        if "flips" in told:
            row = {"variant": key, "student": told["student"], "asked with": _way(told)}
            row |= {"problems": str(told["problems"]), "accuracy, %": percent(told["held_out"]["accuracy"])}
            row |= {"as usual, %": percent(told["usual"]["accuracy"]), **paired_cells(told["versus"])}
            row |= {"other answer, %": percent(told["flips"]["answer_share"])}
            row |= {"other verdict, %": percent(told["flips"]["verdict_share"])}
            rows.append(row | {name: str(told["held_out"][kind]) for name, kind in FAILED.items()})
    if not rows:
        return None
    note = (
        "Each row: the same student on the same problems, asked as named and as usual. Other answer and other verdict:"
        " share of the problems whose final answer reads otherwise, or turns from right to wrong or back; for a batch"
        f" size that is rounding alone. Columns: {PAIRED}."
    )
    return Table("Asked in another way", pd.DataFrame(rows), note, text=3)


def sampling_table(summary: Numbers) -> Table | None:
    """Students of whom several responses to each problem were drawn."""
    rows = []
    for key, told in summary["variants"].items():
        if "sampling" in told:
            drawn = told["sampling"]
            row = {"variant": key, "student": told["student"], "asked with": _way(told)}
            row |= {"problems": str(told["problems"]), "greedy, %": percent(told["usual"]["accuracy"])}
            row |= {f"pass@{k}, %": f"{percent(one['share'])} ({interval(one)})" for k, one in drawn["pass_at"].items()}
            row |= {"majority, %": f"{percent(drawn['majority']['accuracy'])} ({interval(drawn['majority'])})"}
            rows.append(row | {name: str(told["held_out"][kind]) for name, kind in FAILED.items()})
    if not rows:
        return None
    note = (
        "pass@k: the chance that one of k drawn responses is right, estimated without bias from all that were drawn;"
        " majority: the commonest answer is right. Cut off and blank count responses. In brackets the 95 % interval,"
        " near-duplicates taken together."
    )
    return Table("Several drawn responses", pd.DataFrame(rows).fillna(""), note, text=3)


FAILED = {"cut off": "truncated", "blank": "blank"}


def _way(told: Numbers) -> str:
    """What differs from the usual way of asking."""
    way = [f"{told['budget']} tokens", f"batches of {told['batch_size']}"]
    way += [f"{told['shots']} worked examples"] if told["shots"] else []
    way += ["another instruction"] if told["instruction"] else []
    way += [f"temperature {told['temperature']:g}"] if told["temperature"] else []
    return ", ".join(way)
