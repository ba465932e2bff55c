"""Wrong keys and sections in model.toml: refused with the key, what is expected and what was found."""

from __future__ import annotations

import pytest

from tests.core.model_folders import ANSWERS, MINIMAL, SECTION, Write, refusals, with_lines

KEYS = (
    "args, batch, description, features, files, function, gate, hub_id, id, kind, limits, name, pipeline, retention, "
    "retrainable, slices, split, target, task"
)
COUNT = "a whole number from 1 to 1000000000"
SIZE = "a whole number from 1 to 1000000000000"
SEED = "a whole number from 0 to 4294967295"
SECONDS = "a whole number from 1 to 29 (the gateway gives up after 30)"


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        # keys before the first section
        (MINIMAL.replace('"rent"', '"other"'), 'name: the name "rent" of its folder is expected, "other" was found'),
        (
            MINIMAL.replace('"tabular-regression"', '"clustering"'),
            "task: one of tabular-classification, tabular-regression, text-classification, question-answering "
            'is expected, "clustering" was found',
        ),
        (with_lines("description = 5"), "description: text is expected, 5 was found"),
        (with_lines("id = 5"), "id: text that is not empty is expected, 5 was found"),
        (with_lines('id = ""'), 'id: text that is not empty is expected, "" was found'),
        (
            with_lines('id = "rooms"'),
            'id: a name that neither a feature nor the target has is expected, "rooms" was found',
        ),
        (with_lines('retrainable = "yes"'), 'retrainable: true or false is expected, "yes" was found'),
        (with_lines('slices = ["room"]'), 'slices[0]: one of the columns rooms, price is expected, "room" was found'),
        (with_lines('slices = "rooms"'), 'slices: an array of texts is expected, "rooms" was found'),
        (with_lines("slices = [1]"), "slices[0]: text is expected, 1 was found"),
        (with_lines('colour = "red"'), f"colour: one of the keys {KEYS} is expected, an unknown one was found"),
        (
            with_lines('descripton = "a"'),
            f"descripton: one of the keys {KEYS} is expected, an unknown one was found; did you mean description?",
        ),
        (with_lines("files = 3"), f"files: {SECTION} is expected, 3 was found"),
        (with_lines("gate = []"), f"gate: {SECTION} is expected, [] was found"),
        # args
        (with_lines('args = "none"'), f'args: {SECTION} is expected, "none" was found'),
        (
            with_lines("args = { since = 2026-01-31 }"),
            "args.since: text, a number, true, false, an array or a section is expected, the date 2026-01-31 was found",
        ),
        (
            with_lines("args = { steps = [1, { rate = nan }] }"),
            "args.steps[1].rate: a finite number of at most 64 bits is expected, nan was found",
        ),
        (
            with_lines(f"args = {{ depth = {2**63} }}"),
            f"args.depth: a finite number of at most 64 bits is expected, {2**63} was found",
        ),
        # [files]
        (
            MINIMAL + '[files]\nfill = { rooms = "two" }',
            'files.fill.rooms: a value of rooms is expected, "two" was found; must be an integer, not a string',
        ),
        (
            MINIMAL + "[files]\nfill = { rooms = 1.5 }",
            "files.fill.rooms: a value of rooms is expected, 1.5 was found; must be a whole number",
        ),
        (
            MINIMAL + "minimum = 1\n[files]\nfill = { rooms = 0 }",
            "files.fill.rooms: a value of rooms is expected, 0 was found; must be at least 1",
        ),
        (
            MINIMAL + "[files]\nfill = { room = 0 }",
            'files.fill.room: one of the columns rooms, price is expected, "room" was found',
        ),
        (
            MINIMAL + "[files]\nfill = { rooms = [1] }",
            "files.fill.rooms: text or a number or true or false is expected, [1] was found",
        ),
        (
            MINIMAL + "[files]\nfill = { price = inf }",
            "files.fill.price: text or a number or true or false is expected, inf was found",
        ),
        (
            MINIMAL + '[files]\nrename = { Rooms = "room" }',
            'files.rename.Rooms: one of the columns rooms, price is expected, "room" was found',
        ),
        (MINIMAL + "[files]\nrename = { Rooms = 1 }", "files.rename.Rooms: text is expected, 1 was found"),
        (
            MINIMAL + '[files]\njoin = { room = ["a"] }',
            'files.join.room: one of the columns rooms, price is expected, "room" was found',
        ),
        (
            MINIMAL + '[files]\njoin = { rooms = ["a"] }',
            "files.join.rooms: a column of type string is expected, one of type integer was found; texts are joined",
        ),
        (
            MINIMAL + '[files]\njoin = { rooms = "a" }',
            'files.join.rooms: an array of texts, at least 1, is expected, "a" was found',
        ),
        (
            MINIMAL + "[files]\njoin = { rooms = [] }",
            "files.join.rooms: an array of texts, at least 1, is expected, [] was found",
        ),
        (MINIMAL + '[files]\nmissing = "-"', 'files.missing: an array of texts is expected, "-" was found'),
        (MINIMAL + "[files]\nmissing = [0]", "files.missing[0]: text is expected, 0 was found"),
        (
            MINIMAL + "[files]\nsnake_case_column = true",
            "files.snake_case_column: one of the keys date_order, decimal, fill, join, missing, rename, rename_values, "
            "snake_case_columns, snake_case_values is expected, an unknown one was found; "
            "did you mean snake_case_columns?",
        ),
        (
            MINIMAL + '[files]\ndate_order = { rooms = "day-month-year" }',
            "files.date_order.rooms: a column of type datetime is expected, one of type integer was found",
        ),
        (
            MINIMAL + '[files]\ndate_order = { room = "day-month-year" }',
            'files.date_order.room: one of the columns rooms, price is expected, "room" was found',
        ),
        (
            MINIMAL + '[files]\ndate_order = { rooms = "dd/mm/yyyy" }',
            "files.date_order.rooms: one of day-month-year, month-day-year, year-month-day is expected, "
            '"dd/mm/yyyy" was found',
        ),
        (
            MINIMAL + '[features.sold]\ntype = "datetime"\n[files]\nfill = { sold = "31/12/2024" }',
            'files.fill.sold: a value of sold is expected, "31/12/2024" was found; '
            "'31/12/2024' is no date and time in ISO 8601, such as 2026-11-29 or 2026-11-29T10:30:00",
        ),
        (
            MINIMAL + '[files]\nsnake_case_values = "true"',
            'files.snake_case_values: true or false is expected, "true" was found',
        ),
        # [split]
        (MINIMAL + '[split]\nmethod = "time"', 'split.method: one of hash, random is expected, "time" was found'),
        (MINIMAL + '[split]\nseed = "one"', f'split.seed: {SEED} is expected, "one" was found'),
        (MINIMAL + "[split]\nseed = -1", f"split.seed: {SEED} is expected, -1 was found"),
        (MINIMAL + "[split]\nseed = true", f"split.seed: {SEED} is expected, true was found"),
        *(
            (
                MINIMAL + f"[split]\ntest_size = {size}",
                f"split.test_size: a number greater than 0 and less than 1 is expected, {size} was found",
            )
            for size in ('"0.2"', "1", "0", "-0.5", "1.5", "nan", "true", "[0.2]")
        ),
        # [gate]
        (MINIMAL + '[gate]\nfloors = { r2 = "high" }', 'gate.floors.r2: a number is expected, "high" was found'),
        (MINIMAL + "[gate]\nfloors = { r2 = nan }", "gate.floors.r2: a number is expected, nan was found"),
        (MINIMAL + "[gate]\nceilings = { rmse = true }", "gate.ceilings.rmse: a number is expected, true was found"),
        (
            MINIMAL + "[gate]\nfloors = { accuracy = 0.5 }",
            'gate.floors.accuracy: one of the metrics rmse, mae, r2 is expected, "accuracy" was found',
        ),
        (
            MINIMAL + "[gate]\nfloors = { r2 = 85 }",
            "gate.floors.r2: a number of at most 1 is expected, 85 was found; r2 is 1 at best",
        ),
        (
            MINIMAL + "[gate]\nceilings = { rmse = -1 }",
            "gate.ceilings.rmse: a number of at least 0 is expected, -1 was found; rmse is 0 at best",
        ),
        (
            MINIMAL + "[gate]\nceilings = { rsme = 5 }",
            'gate.ceilings.rsme: one of the metrics rmse, mae, r2 is expected, "rsme" was found',
        ),
        (
            MINIMAL + '[gate]\ncompare = { metric = "f1" }',
            'gate.compare.metric: one of the metrics rmse, mae, r2 is expected, "f1" was found',
        ),
        (
            MINIMAL + "[gate]\nfloor = { r2 = 0.3 }",
            "gate.floor: one of the keys ceilings, compare, floors is expected, an unknown one was found; "
            "did you mean floors?",
        ),
        (MINIMAL + '[gate]\ncompare = "r2"', f'gate.compare: {SECTION} is expected, "r2" was found'),
        (MINIMAL + "[gate.compare]\nmargin = 0.1", "gate.compare.metric: text is expected, nothing was found"),
        (
            MINIMAL + '[gate.compare]\nmetric = "r2"\nmargin = -0.1',
            "gate.compare.margin: a number of at least 0 is expected, -0.1 was found",
        ),
        (
            ANSWERS + "[gate]\nfloors = { f1 = 0.8 }",
            'gate.floors.f1: no metric of a question-answering model is expected, "f1" was found',
        ),
        # [pipeline]
        (MINIMAL + '[pipeline]\njoblib = "a"', 'pipeline.sha256: the digest of the joblib is expected, "" was found'),
        (
            MINIMAL + f'[pipeline]\nsha256 = "{"0" * 64}"',
            'pipeline.joblib: the file that has the sha256 is expected, "" was found',
        ),
        (
            MINIMAL + '[pipeline]\nsha256 = "00"',
            'pipeline.sha256: a sha256 of 64 hexadecimal digits is expected, "00" was found',
        ),
        (
            MINIMAL + f'[pipeline]\njoblib = "../a"\nsha256 = "{"0" * 64}"',
            'pipeline.joblib: a file of the folder is expected, "../a" was found',
        ),
        (
            MINIMAL + f'[pipeline]\njoblib = ".."\nsha256 = "{"0" * 64}"',
            'pipeline.joblib: a file of the folder is expected, ".." was found',
        ),
        (
            MINIMAL + '[pipeline]\ncode = ["/etc/a.py"]',
            'pipeline.code[0]: a file of the folder is expected, "/etc/a.py" was found',
        ),
        # [limits]
        *(
            (MINIMAL + f"[limits]\n{name} = {value}", f"limits.{name}: {expected} is expected, {value} was found")
            for name, value, expected in (
                ("max_instances", '"many"', COUNT),
                ("max_instances", "0", COUNT),
                ("max_instances", "10.0", COUNT),
                ("max_instances", str(10**30), COUNT),
                ("max_payload_bytes", "-1", SIZE),
                ("max_training_bytes", '"5 GB"', SIZE),
                ("max_tokens", "true", COUNT),
                ("minimum_training_rows", "nan", COUNT),
                ("minimum_training_rows", "-5", COUNT),
            )
        ),
        (
            MINIMAL + "[limits]\nmax_instance = 1",
            "limits.max_instance: one of the keys max_instances, max_payload_bytes, max_tokens, max_training_bytes, "
            "minimum_training_rows is expected, an unknown one was found; did you mean max_instances?",
        ),
        # [function]
        *(
            (MINIMAL + f"[function]\n{name} = {value}", f"function.{name}: {expected} is expected, {value} was found")
            for name, value, expected in (
                ("timeout_seconds", '"soon"', SECONDS),
                ("timeout_seconds", "0", SECONDS),
                ("timeout_seconds", "30", SECONDS),
                ("timeout_seconds", "2.5", SECONDS),
                ("timeout_seconds", "true", SECONDS),
                ("memory_mb", "127", "a whole number from 128 to 10240"),
                ("memory_mb", "10241", "a whole number from 128 to 10240"),
                ("memory_mb", '"512"', "a whole number from 128 to 10240"),
                ("storage_mb", "511", "a whole number from 512 to 10240"),
                ("storage_mb", "512.0", "a whole number from 512 to 10240"),
                ("reserved_concurrency", "0", "a whole number from 1 to 100000"),
                ("reserved_concurrency", "-1", "a whole number from 1 to 100000"),
                ("freshness_seconds", "-1", "a number from 0 to 86400"),
                ("freshness_seconds", "86401", "a number from 0 to 86400"),
                ("freshness_seconds", "inf", "a number from 0 to 86400"),
                ("freshness_seconds", "nan", "a number from 0 to 86400"),
                ("freshness_seconds", "true", "a number from 0 to 86400"),
                ("snap_start", '"PublishedVersions"', "true or false"),
            )
        ),
        (
            MINIMAL + "[function]\nsnap_start = true\nstorage_mb = 1024",
            "function.storage_mb: 512 is expected, 1024 was found; "
            "SnapStart takes no other, so leave out one of the two",
        ),
    ],
)
def test_a_wrong_model_file_is_refused_with_key_expectation_and_finding(write: Write, text: str, refusal: str) -> None:
    assert refusals(write(text)) == [refusal]
