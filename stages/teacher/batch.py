"""Replies through the OpenAI Batch API: half the price, within a day; the way to hundreds of thousands of problems.

Requests go up as files, replies come back as files, into the same store. A batch is noted in the store before it is
made, so that a run that ends meanwhile finds it again, and what is in it is not bought twice. What fails in a batch
goes into another one.
"""

import asyncio
import json
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import openai

from stages.study.errors import StudyError
from stages.teacher import money
from stages.teacher.buyer import Buyer, grown
from stages.teacher.client import KEPT, Body
from stages.teacher.completion import QUOTE, Unusable, checked
from stages.teacher.progress import Progress
from stages.teacher.store import Attempt, Key

LINES = 10_000  # requests of a batch; servers allow 50,000 and 200 MB
POLL = 30.0  # seconds between two looks at a batch
ROUNDS = 4  # batches that a request goes into, while it fails in them
TAG = "cot_distillation"  # the metadata field that tells a batch of ours
OVER = ("completed", "failed", "expired", "cancelled")
PASSING = (408, 409, 425, 429)  # statuses under 500 that another try may not meet


async def settle(buyer: Buyer, role: str, items: Iterable[tuple[str, Body, Key]], progress: Progress) -> None:
    """Have requests (name, body, key) answered, or failed by themselves, in batches side by side.

    Bodies wait on disk. Raises StudyError for what concerns all; batches on their way are found by the next run.
    """
    for tag, batch_role, batch in buyer.store.open_batches(buyer.server):
        await _collect(buyer, batch_role, tag, batch)
    source, parts = iter(items), list[asyncio.Task[None]]()
    with tempfile.TemporaryDirectory() as folder:
        try:
            while True:
                path, lines = Path(folder) / f"{len(parts)}.jsonl", 0
                with path.open("w", encoding="utf-8") as file:
                    for name, body, key in islice(source, LINES):
                        file.write(json.dumps([name, body, key.request, key.sample]) + "\n")
                        lines += 1
                if not lines:
                    break
                parts.append(asyncio.create_task(_settle_part(buyer, role, path, progress)))
            await asyncio.gather(*parts)
        finally:
            for part in parts:
                part.cancel()


async def _settle_part(buyer: Buyer, role: str, path: Path, progress: Progress) -> None:
    """Put a file's requests into batches until each is answered, refused, or has been in enough of them."""
    tries, over, usd = Counter[Key](), set[Key](), 0.0
    while True:
        upload, mine, waits = path.with_suffix(".upload.jsonl"), list[Key](), False
        with path.open(encoding="utf-8") as source, upload.open("w", encoding="utf-8") as file:
            for name, body, request, sample in map(json.loads, source):
                key = Key(buyer.server, request, sample)
                if key in over:
                    continue
                claim = await buyer.claim(role, name, body, key)
                waits |= claim.state == "taken"
                if claim.state == "mine" and tries[key] < ROUNDS:
                    mine.append(key)
                    tries[key] += 1
                    file.write(_line(key, grown(body, claim.cut_off)))
                elif claim.state != "taken":
                    over.add(key)
                    progress.add(tries[key] > 0, usd if tries[key] else 0.0)
                    usd = 0.0 if tries[key] else usd
        if mine:
            tag, batch = await _send(buyer, role, upload)
            refused, paid = await _collect(buyer, role, tag, batch)
            tries.update(dict.fromkeys(refused, ROUNDS))
            usd += paid
        elif waits:
            await asyncio.sleep(POLL)
        else:
            return


def _line(key: Key, body: Body) -> str:
    request = {"custom_id": f"{key.request}.{key.sample}", "method": "POST", "url": "/v1/chat/completions"}
    return json.dumps(request | {"body": body}, ensure_ascii=False) + "\n"


async def _send(buyer: Buyer, role: str, upload: Path) -> tuple[str, str]:
    """Make a batch of a file; its tag, by which it is found should this process end here, and its id."""
    tag, api = uuid.uuid4().hex, buyer.client.api
    await buyer.writer.run(buyer.store.note_batch, tag, buyer.server, role, "")
    try:
        file = await api.files.create(file=upload, purpose="batch")
        batch = await api.batches.create(
            input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h", metadata={TAG: tag}
        )
    except openai.OpenAIError as error:
        raise _trouble(buyer, error) from None
    await buyer.writer.run(buyer.store.note_batch, tag, buyer.server, role, batch.id)
    return tag, batch.id


async def _collect(buyer: Buyer, role: str, tag: str, batch: str) -> tuple[set[Key], float]:
    """Wait for a batch and store its replies; the requests that it refused for good, and what it cost."""
    api, refused, usd = buyer.client.api, set[Key](), 0.0
    try:
        batch = batch or await _find(api, tag)
        if batch:
            while (told := await api.batches.retrieve(batch)).status not in OVER:
                await asyncio.sleep(POLL)
            if told.status == "failed" and not told.output_file_id:
                await buyer.writer.run(buyer.store.forget_batch, tag)
                reasons = [fault.message for fault in (told.errors.data if told.errors else None) or []]
                raise StudyError(f"batch {batch} failed: {buyer.client.clean('; '.join(map(str, reasons)))}; {KEPT}")
            for file in filter(None, (told.output_file_id, told.error_file_id)):
                with tempfile.NamedTemporaryFile("w+", encoding="utf-8") as local:
                    async with api.files.with_streaming_response.content(file) as content:
                        await content.stream_to_file(local.name)
                    for line in local:
                        key, outcome, paid = await _take(buyer, role, json.loads(line))
                        usd += paid
                        if outcome == "refused":
                            refused.add(key)
    except openai.OpenAIError as error:
        raise _trouble(buyer, error) from None
    await buyer.writer.run(buyer.store.forget_batch, tag)
    return refused, usd


async def _find(api: openai.AsyncOpenAI, tag: str) -> str:
    """The id of the batch with a tag; empty where it was never made."""
    async for batch in api.batches.list(limit=100):
        if (batch.metadata or {}).get(TAG) == tag:
            return batch.id
    return ""


async def _take(buyer: Buyer, role: str, told: dict[str, Any]) -> tuple[Key, str, float]:
    """Store one line of a batch's files: the request, what it came to, and what it cost."""
    request, _, sample = str(told["custom_id"]).partition(".")
    key, response = Key(buyer.server, request, int(sample)), told.get("response") or {}
    if await buyer.writer.run(buyer.store.answered, key) is not None:
        return key, "answered", 0.0
    status = response.get("status_code", 500)
    try:
        if status == 200:
            completion, factor = checked(response.get("body")), money.BATCH
            outcome, usd = await buyer.take(role, key.request[:12], key, completion, factor, 0, time.monotonic())
            return key, outcome, usd
        met = f"status {status}: {json.dumps(told.get('error') or response.get('body'))[:QUOTE]}"
    except Unusable as error:
        met = str(error)
    outcome = "refused" if 400 <= status < 500 and status not in PASSING else "failed"
    await buyer.keep(key, Attempt(role, outcome, buyer.client.clean(met)))
    return key, outcome, 0.0


def _trouble(buyer: Buyer, error: openai.OpenAIError) -> StudyError:
    return StudyError(f"the Batch API of {buyer.server}: {buyer.client.clean(str(error))}; {KEPT}")
