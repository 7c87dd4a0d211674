"""The system account PostgreSQL runs under: it refuses to run as root, so root lends it one that owns nothing."""

import os
import pwd
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.errors import DatabaseUnavailable

UNPRIVILEGED = "nobody"
OTHERS_MAY_PASS = 0o001


@dataclass(frozen=True)
class SystemAccount:
    """A system account, with the words that let a command run under it from a folder it could not pass."""

    uid: int
    gid: int
    launcher: tuple[str, ...]

    @property
    def user(self) -> tuple[int, int] | None:
        """What to switch to when a process is started; None where the launcher does it."""
        return None if self.launcher else (self.uid, self.gid)

    def command(self, words: Sequence[str]) -> list[str]:
        """The command that runs `words` under this account."""
        return [*self.launcher, *words]

    def own(self, folder: Path) -> None:
        """Give `folder`, and all in it where it belongs to another, to this account."""
        if folder.stat().st_uid == self.uid:
            return
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def account_for_database(*paths: Path) -> SystemAccount | None:
    """The account PostgreSQL needs to reach `paths`; None where this process is not root and may run it itself.

    Where folders above `paths` are closed to others (a home of root, say), it is given the one capability to pass them,
    rather than opening these folders to everybody. Raises `DatabaseUnavailable` where the system cannot do that.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError as error:
        reason = f"it refuses to run as root and there is no account {UNPRIVILEGED}, run this as another user"
        raise DatabaseUnavailable(reason) from error
    launcher = () if all_may_pass(paths) else _passing_launcher(entry.pw_uid, entry.pw_gid)
    return SystemAccount(entry.pw_uid, entry.pw_gid, launcher)


def all_may_pass(paths: Iterable[Path]) -> bool:
    """Whether every account may pass through all folders above `paths`."""
    above = {folder for path in paths for folder in path.resolve().parents}
    return all(folder.stat().st_mode & OTHERS_MAY_PASS for folder in above)


def _passing_launcher(uid: int, gid: int) -> tuple[str, ...]:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        reason = (
            "it refuses to run as root and setpriv is missing, run this as another user or in a folder open to others"
        )
        raise DatabaseUnavailable(reason)
    capability = "--inh-caps=+dac_override", "--ambient-caps=+dac_override"
    return (setpriv, f"--reuid={uid}", f"--regid={gid}", "--clear-groups", *capability, "--")
