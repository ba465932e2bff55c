"""Question answering over long contexts against the transformers pipeline: python -m benchmarks.question_answering

A Longformer of base size with random weights is exported in fp32 and int8; both answer the same questions as the
pipeline, whole: text in, answer out. Everything has one thread and takes turns in one process, so that the ratios
hold on a busy machine too; memory and start are measured in processes of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks.report import table
from benchmarks.results_file import ANSWERS, write_part
from functions.core.definition import Limits
from functions.core.processors import THREADS_VARIABLE
from functions.predictors.question_answering.parameters import AnsweringParameters, AnsweringSettings
from functions.predictors.question_answering.predictor import QuestionAnsweringPredictor
from functions.predictors.session import open_session

LENGTHS = (512, 1024, 2048, 4096)
REQUIRED = {"fp32": 1.9, "int8": 4.0}
KINDS = ("pipeline", *REQUIRED)
QUESTION = "¿Hasta cuándo se puede pedir la beca de transporte?"
SENTENCE = "La beca de transporte paga el abono mensual del autobús y se puede pedir hasta el 15 de octubre en línea. "
HIDDEN, LAYERS, HEADS, INNER, WINDOW, LONGEST = 768, 12, 12, 3072, 512, 4096
GEMM = (2048, HIDDEN, INNER)
LIMITS = Limits(max_tokens=100_000)

Answering = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """One kind of graph at one length, compared with the pipeline: medians over the rounds.

    `torch_share` is torch's speed with large float32 matrices as a share of ONNX Runtime's.
    """

    length: int
    kind: str
    pipeline_seconds: float
    seconds: float
    ratio: float
    peak_share: float
    torch_share: float
    is_same_answer: bool

    @property
    def is_met(self) -> bool:
        return self.ratio >= REQUIRED[self.kind]


@dataclass(frozen=True, slots=True)
class Round:
    """CPU seconds by kind, and the speed of matrix products in the same round, in operations a second."""

    seconds: Mapping[str, float]
    peak: Mapping[str, float]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="keep the checkpoint and the graphs here, and find them here")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--alone", choices=KINDS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        print(json.dumps(alone(options.alone, options.folder)))
        return 0
    _use_one_thread()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        parity = prepare(folder)
        compared = compare(folder, options.rounds)
        text = document(parity, compared, {kind: in_own_process(kind, folder) for kind in KINDS}, options.rounds)
    print(text)
    write_part(ANSWERS, text)
    return 0 if all(one.is_met for one in compared) else 1


def document(parity: str, compared: Sequence[Compared], alone: Mapping[str, Mapping[str, float]], rounds: int) -> str:
    """Markdown for RESULTS.md."""
    rows = [
        [
            str(one.length),
            one.kind,
            f"{one.pipeline_seconds * 1000:.0f}",
            f"{one.seconds * 1000:.0f}",
            f"{one.ratio:.2f}",
            f"{REQUIRED[one.kind]:g}",
            "yes" if one.is_met else "**no**",
            f"{one.peak_share:.0%}",
        ]
        for one in compared
    ]
    header = ["tokens", "graph", "pipeline, ms", "ours, ms", "times faster", "required", "met", "of the GEMM peak"]
    starts = [[kind, f"{one['seconds']:.1f}", f"{one['peak_mb']:.0f}"] for kind, one in alone.items()]
    same = sum(one.is_same_answer for one in compared if one.kind == "fp32")
    torch_share = statistics.median(one.torch_share for one in compared)
    return "\n\n".join(
        [
            "Written by `python -m benchmarks.question_answering`: a Longformer of base size (12 layers, 768 wide,"
            f" window {WINDOW}) with random weights, whole questions in and answers out, compared with the"
            f" question-answering pipeline of transformers on torch. One thread each, in turns, {rounds} rounds; CPU"
            " time, medians. The peak is the speed of large matrix products in ONNX Runtime, float32 or 8-bit integers,"
            " measured in the same rounds; the band itself is float32 in both graphs.",
            f"On this processor torch's own float32 products run at {torch_share:.0%} of the speed of ONNX Runtime's:"
            " a ratio compares the libraries as well as the methods.",
            f"Parity: {parity}. The best answer of fp32 is the pipeline's at {same} of {len(LENGTHS)} lengths.",
            table(header, rows),
            "Alone in a process: ready to answer, files read and libraries imported; and the peak of its memory at"
            f" {LONGEST} tokens.",
            table(["graph", "ready after, s", "peak memory, MiB"], starts),
        ]
    )


def prepare(folder: Path) -> str:
    """Make the checkpoint, the exact graph and int8 where the folder lacks them; returns the proof in words."""
    from model_export.checkpoints.exporting import export_graph
    from model_export.checkpoints.graph import optimised
    from model_export.checkpoints.quantize import quantized
    from model_export.checkpoints.tokenization import served_tokenizer
    from model_export.question_answering.checkpoints import load_checkpoint
    from model_export.question_answering.parity import compare_logits

    proof = folder / "parity.txt"
    if proof.exists():
        return proof.read_text(encoding="utf-8")
    write_checkpoint(folder / "checkpoint")
    checkpoint = load_checkpoint(folder / "checkpoint", trust_pickle=False)
    exact = optimised(export_graph(checkpoint))
    (folder / "fp32.onnx").write_bytes(exact)
    parity = compare_logits(checkpoint, open_session(exact, is_optimised=True), "random", _tell).sentence
    (folder / "tokenizer.json").write_bytes(served_tokenizer(checkpoint.tokenizer))
    (folder / "int8.onnx").write_bytes(optimised(quantized(export_graph(checkpoint, is_for_int8=True))))
    proof.write_text(parity, encoding="utf-8")
    return parity


def _tell(share: float) -> None:
    print(f"comparing with torch: {share:.0%}", file=sys.stderr, flush=True)


def write_checkpoint(folder: Path) -> None:
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import LongformerConfig, LongformerForQuestionAnswering, LongformerTokenizerFast

    folder.mkdir(parents=True)
    trained = ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trained.train_from_iterator([SENTENCE, QUESTION], special_tokens=special, show_progress=False)
    vocabulary, merges = trained.save_model(str(folder))
    tokenizer: Any = LongformerTokenizerFast(  # type: ignore[no-untyped-call]
        vocab_file=vocabulary, merges_file=merges, model_max_length=LONGEST
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = LongformerConfig(
        vocab_size=50265,
        attention_window=WINDOW,
        max_position_embeddings=LONGEST + 2,
        type_vocab_size=1,
        pad_token_id=1,
        sep_token_id=2,
        initializer_range=0.04,
    )
    LongformerForQuestionAnswering(config).save_pretrained(folder)  # type: ignore[no-untyped-call]


def compare(folder: Path, rounds: int) -> list[Compared]:
    """The comparison for every kind of graph and every length; each one is also printed when it is done."""
    answering = {kind: opened(kind, folder) for kind in KINDS}
    question = question_tokens(folder)
    matmul = {"pipeline": torch_product(), "fp32": product("fp32"), "int8": product("int8")}
    compared: list[Compared] = []
    for length in LENGTHS:
        context = context_of(folder, length)
        answers = {kind: answer(context) for kind, answer in answering.items()}
        measured = [_round(answering, matmul, context, turn) for turn in range(rounds)]
        for kind in REQUIRED:
            is_same = answers[kind][:2] == answers["pipeline"][:2]
            compared.append(_compared(length, question, kind, measured, is_same=is_same))
            print(compared[-1], file=sys.stderr, flush=True)
    return compared


def _compared(length: int, question: int, kind: str, measured: Sequence[Round], *, is_same: bool) -> Compared:
    return Compared(
        length=length,
        kind=kind,
        pipeline_seconds=statistics.median(one.seconds["pipeline"] for one in measured),
        seconds=statistics.median(one.seconds[kind] for one in measured),
        ratio=statistics.median(one.seconds["pipeline"] / one.seconds[kind] for one in measured),
        torch_share=statistics.median(one.peak["pipeline"] / one.peak["fp32"] for one in measured),
        peak_share=statistics.median(
            least_seconds(length, question, kind, one.peak) / one.seconds[kind] for one in measured
        ),
        is_same_answer=is_same,
    )


def _round(
    answering: Mapping[str, Answering], matmul: Mapping[str, Callable[[], None]], context: str, turn: int
) -> Round:
    kinds = [KINDS[(turn + step) % len(KINDS)] for step in range(len(KINDS))]
    seconds = {kind: _cpu_seconds(partial(answering[kind], context)) for kind in kinds}
    operations = 2 * float(np.prod(GEMM))
    peak = {kind: operations / min(_cpu_seconds(run) for _ in range(5)) for kind, run in matmul.items()}
    return Round(seconds, peak)


def _cpu_seconds(run: Callable[[], Any]) -> float:
    before = time.process_time()
    run()
    return time.process_time() - before


def opened(kind: str, folder: Path) -> Answering:
    """A function that answers QUESTION about a context with (start, end, score)."""
    return _pipeline(folder) if kind == "pipeline" else _served(kind, folder)


def _pipeline(folder: Path) -> Answering:
    _use_one_thread()
    from transformers import AutoTokenizer, LongformerForQuestionAnswering, QuestionAnsweringPipeline

    made = QuestionAnsweringPipeline(
        model=LongformerForQuestionAnswering.from_pretrained(folder / "checkpoint").eval(),
        tokenizer=AutoTokenizer.from_pretrained(folder / "checkpoint"),  # type: ignore[no-untyped-call]
    )

    def answer(context: str) -> Any:
        answer = made(question=QUESTION, context=context, max_seq_len=LONGEST, doc_stride=128)
        return answer["start"], answer["end"], answer["score"]

    return answer


def _served(kind: str, folder: Path) -> Answering:
    graph, tokenizer = ((folder / name).read_bytes() for name in (f"{kind}.onnx", "tokenizer.json"))
    with patch.dict(os.environ, {THREADS_VARIABLE: "1"}):
        predictor = QuestionAnsweringPredictor(graph, tokenizer, AnsweringSettings(LONGEST).to_json(), LIMITS)

    def answer(context: str) -> Any:
        answer = predictor.answer([QUESTION], [context], AnsweringParameters())[0][0]
        return answer["start"], answer["end"], answer["score"]

    return answer


def context_of(folder: Path, length: int) -> str:
    """A text that has `length` tokens together with the question."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    text = SENTENCE * (length // 10)
    encoded = tokenizer.encode(QUESTION, text)
    excess = len(encoded.ids) - length
    inside = [place for place, side in enumerate(encoded.sequence_ids) if side == 1]
    return text[: encoded.offsets[inside[-1 - excess]][1]]


def product(kind: str) -> Callable[[], None]:
    """A function that computes one large matrix product in ONNX Runtime, in float32 or 8-bit integers."""
    from onnx import TensorProto, helper, numpy_helper

    rows, inner, columns = GEMM
    weights = np.random.default_rng(0).integers(-60, 60, (inner, columns), dtype=np.int8)
    is_exact = kind == "fp32"
    weight = numpy_helper.from_array(weights.astype(np.float32) if is_exact else weights, "w")
    node = helper.make_node("MatMul" if is_exact else "MatMulInteger", ["x", "w"], ["y"])
    types = (TensorProto.FLOAT, TensorProto.FLOAT) if is_exact else (TensorProto.UINT8, TensorProto.INT32)
    taken = helper.make_tensor_value_info("x", types[0], [rows, inner])
    given = helper.make_tensor_value_info("y", types[1], [rows, columns])
    graph = helper.make_graph([node], "product", [taken], [given], [weight])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    session = open_session(model.SerializeToString())
    values = np.ones((rows, inner), np.float32 if is_exact else np.uint8)
    return lambda: session.run(None, {"x": values})


def torch_product() -> Callable[[], None]:
    """A function that computes the same product in torch, in float32."""
    import torch

    rows, inner, columns = GEMM
    values, weights = torch.ones(rows, inner), torch.ones(columns, inner)

    def run() -> None:
        torch.nn.functional.linear(values, weights)

    return run


def question_tokens(folder: Path) -> int:
    """The number of tokens of QUESTION and its special token, which attend to the whole text."""
    from tokenizers import Tokenizer

    sides: list[int | None] = (
        Tokenizer.from_file(str(folder / "tokenizer.json")).encode(QUESTION, SENTENCE).sequence_ids
    )
    return 1 + sides.count(0)


def least_seconds(length: int, question: int, kind: str, peak: Mapping[str, float]) -> float:
    """The time for the matrix products alone: each token with its 513 keys, and the question with all."""
    linear = 4 * HIDDEN * HIDDEN + 2 * HIDDEN * INNER
    attended = min(length, WINDOW + 1) + question
    if kind == "int8":
        linear += 2 * HIDDEN * HIDDEN
        attended += question
    else:
        attended += HEADS * question
    return 2 * length * LAYERS * (linear / peak[kind] + 2 * HIDDEN * attended / peak["fp32"])


def alone(kind: str, folder: Path) -> dict[str, float]:
    """Seconds until the first answer could begin, and peak memory after one of the longest, in MiB."""
    context = context_of(folder, LONGEST)
    before = time.perf_counter()
    answer = opened(kind, folder)
    seconds = time.perf_counter() - before
    answer(context)
    return {"seconds": seconds, "peak_mb": _peak_mb()}


def _peak_mb() -> float:
    """Peak memory of this process alone, MiB: the figure of getrusage includes the parent's peak."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def in_own_process(kind: str, folder: Path) -> Mapping[str, float]:
    """The result of `alone` in a process that has done nothing else."""
    command = [sys.executable, "-m", "benchmarks.question_answering", "--alone", kind, "--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def _use_one_thread() -> None:
    import torch

    torch.set_num_threads(1)


if __name__ == "__main__":
    sys.exit(main())
