"""Runs a web application as its own process."""

from __future__ import annotations

import logging

import uvicorn
from fastapi import FastAPI

KEEP_ALIVE_SECONDS = 30
"""Longer than clients keep an idle connection: then it is they who close it, and no request meets a closing one."""


def serve(app: FastAPI, *, host: str, port: int) -> None:
    """Serve until the process is told to stop. Addresses are not logged: they may hold a token."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    uvicorn.run(
        app,
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        date_header=True,
        log_config=None,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
