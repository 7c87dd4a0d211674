"""Solve one saved min-cost flow network with HiGHS and print seconds and optimum as JSON: run by ``plan_highs``."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from time import perf_counter

import highspy
import numpy as np
from scipy.sparse import csc_matrix


def solve(model: Path) -> dict[str, float]:
    """Minimise the network's cost as a linear programme; seconds count the solving only."""
    saved = np.load(model)
    arcs, nodes = len(saved["tails"]), int(saved["nodes"])
    every = np.arange(arcs)
    lines = np.concatenate([saved["tails"], saved["heads"]])
    balance = csc_matrix(
        (np.concatenate([np.ones(arcs), -np.ones(arcs)]), (lines, np.concatenate([every, every]))), (nodes, arcs)
    )
    supplies = np.zeros(nodes)
    supplies[:2] = int(saved["supply"]), -int(saved["supply"])
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = arcs, nodes
    programme.col_cost_, programme.col_lower_, programme.col_upper_ = (
        saved["costs"],
        np.zeros(arcs),
        saved["capacities"],
    )
    programme.row_lower_ = programme.row_upper_ = supplies
    programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    programme.a_matrix_.start_, programme.a_matrix_.index_ = balance.indptr, balance.indices
    programme.a_matrix_.value_ = balance.data
    highs = highspy.Highs()  # type: ignore[no-untyped-call] # the library left it untyped
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("solver", "ipm")
    highs.setOptionValue("parallel", "on")
    highs.setOptionValue("threads", os.cpu_count() or 1)
    highs.passModel(programme)
    started = perf_counter()
    highs.run()
    seconds = perf_counter() - started
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(f"HiGHS found no optimum: {highs.getModelStatus()}")
    return {"seconds": seconds, "optimum": highs.getInfo().objective_function_value}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(solve(Path(sys.argv[1]))) + "\n")
