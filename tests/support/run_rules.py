"""What holds for a whole test run: parts on demand, loopback only, no silent skips, last lines that say it all."""

from collections import Counter
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any, NoReturn

import pytest

from deploy.embedded.errors import EmbeddedError
from deploy.embedded.jars import kafka_jars
from tests.support.finding import PartUnavailable, is_strict
from tests.support.keycloak import keycloak_archive
from tests.support.real_parts import Desk, Parts, RealParts, RemoteParts

LOOPBACK_HOSTS = "127.0.0.1,::1,localhost"
DESK = "vernissage_desk"
NEEDS_BROKER = "kafka"
NEEDS_DATABASE = "postgres"
NEEDS_JARS = "downloaded_jars"
NEEDS_KEYCLOAK = "keycloak"


class RunRules:
    """The plugin that `tests/conftest.py` registers; `parts` is what its fixtures ask."""

    def __init__(self, config: pytest.Config) -> None:
        self.parts: Parts
        self._real: RealParts | None = None
        self._desk: Desk | None = None
        workerinput: dict[str, Any] | None = getattr(config, "workerinput", None)
        if workerinput is None:
            self.parts = self._real = RealParts()
        else:
            self.parts = RemoteParts(workerinput[DESK])

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell an xdist worker where to ask for the parts."""
        if self._desk is None and self._real is not None:
            self._desk = Desk(self._real)
        node.workerinput[DESK] = self._desk.address if self._desk else ""

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Start what the chosen tests need, and nothing when none does.

        It happens before the first test, so that no test's own deadline pays for a download, and none meets the rule
        that only loopback may be spoken to.
        """
        if session.config.option.collectonly:
            return
        needed = {name for item in session.items for name in getattr(item, "fixturenames", ())}
        starts: dict[str, Callable[[], object]] = {
            NEEDS_JARS: kafka_jars,
            NEEDS_KEYCLOAK: keycloak_archive,
            NEEDS_DATABASE: self.parts.database_server,
            NEEDS_BROKER: self.parts.broker,
        }
        for fixture, start in starts.items():
            if fixture in needed:
                # Each test that needs what cannot be had says so itself.
                with suppress(PartUnavailable, EmbeddedError):
                    start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """With `CI=true`, let a skip fail, unless the test needs a Docker engine."""
        report = yield
        if report.skipped and not hasattr(report, "wasxfail") and is_strict() and not may_skip(item):
            report.outcome = "failed"
            report.longrepr = f"With CI=true nothing may be skipped: {reason_of(report)}"
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self,
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """With `CI=true`, let a module that skips itself fail in the same way."""
        report = yield
        if report.skipped and is_strict():
            report.outcome = "failed"
            report.longrepr = f"With CI=true nothing may be skipped: {reason_of(report)}"
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> Generator[None, None, None]:
        """Say, after everything else, which parts were used and what was skipped and why."""
        yield
        if self._real is None or config.option.collectonly:
            return
        terminalreporter.section("what this run stood on")
        notes = {"broker": "none was needed", "database": "none was needed", "browser": "none was needed"}
        for what, which in (notes | self._real.notes).items():
            terminalreporter.write_line(f"{what}: {which}", red="!!!" in which or "NONE" in which)
        for line in skip_lines(terminalreporter.stats.get("skipped", [])):
            terminalreporter.write_line(line)

    def pytest_unconfigure(self) -> None:
        """Stop all that runs, also after Ctrl-C."""
        if self._desk is not None:
            self._desk.close()
        if self._real is not None:
            self._real.stop()


def allow_loopback_only(config: pytest.Config) -> None:
    """Let pytest-socket refuse every connection that leaves this machine; call it before that plugin is configured."""
    config.option.allow_hosts = LOOPBACK_HOSTS
    config.option.allow_unix_socket = True


def may_skip(item: pytest.Item) -> bool:
    """Whether this test may be skipped even in a strict run."""
    return item.get_closest_marker("docker") is not None


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why a test or a module was skipped."""
    longrepr = report.longrepr
    text = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return text.removeprefix("Skipped: ")


def skip_lines(skipped: list[pytest.TestReport]) -> list[str]:
    """One line a reason, with how many tests it held back; one line where there is none."""
    reasons = Counter(reason_of(report) for report in skipped)
    return [f"skipped {count}: {reason}" for reason, count in reasons.most_common()] or ["skipped: nothing"]


def skip_or_fail(error: Exception, what: str) -> NoReturn:
    """Skip the test for lack of a part, or fail it in a strict run."""
    text = f"no {what} to be had: {error}"
    if is_strict():
        pytest.fail(text, pytrace=False)
    pytest.skip(text)
