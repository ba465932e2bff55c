"""Peer A on Lambda: FastAPI behind Mangum, the pipeline unpickled at the start. PEER_FOLDER holds its files."""

from __future__ import annotations

import os
from pathlib import Path

from mangum import Mangum

from benchmarks.peers.churn.fastapi_frame import create

handler = Mangum(create(Path(os.environ["PEER_FOLDER"])), lifespan="off")
