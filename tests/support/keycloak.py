"""A real Keycloak, the OpenID Connect provider that many organisations run: a local process for one test."""

from __future__ import annotations

import secrets
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from deploy.embedded.folders import cache_folder
from deploy.embedded.jars import downloaded
from deploy.embedded.java import find_java
from deploy.embedded.ports import LOOPBACK, free_port
from deploy.embedded.processes import Supervisor
from deploy.embedded.program import Program, when_page_answers

LOCK_FILE = Path(__file__).with_name("keycloak.lock")
ADMINISTRATOR = "administrator"
JVM_OPTIONS = "-XX:TieredStopAtLevel=1 -Xmx512m -Djava.net.preferIPv4Stack=true"
STARTS_WITHIN_SECONDS = 200.0
"""It assembles itself the first time: a quarter of a minute on a quiet machine."""


def keycloak_archive() -> Path:
    """The archive, downloaded once into the user's cache folder. Raises as `kafka_jars` does."""
    [archive] = downloaded(cache_folder() / "keycloak", LOCK_FILE)
    return archive


@dataclass(frozen=True)
class Keycloak:
    """A Keycloak that runs; it forgets everything when it stops."""

    address: str
    password: str

    def add_realm(self, realm: dict[str, Any]) -> str:
        """Make a realm, written as Keycloak exports them; gives its issuer's address."""
        self.administer("POST", "", realm)
        return f"{self.address}/realms/{realm['realm']}"

    def administer(self, method: str, path: str, body: object = None) -> Any:
        """Ask the administration of realms; gives what it answers, `None` where it says nothing."""
        with httpx.Client(base_url=self.address, timeout=60, trust_env=False) as client:
            told = {"client_id": "admin-cli", "grant_type": "password", "username": ADMINISTRATOR}
            signed_in = client.post(
                "/realms/master/protocol/openid-connect/token", data={**told, "password": self.password}
            )
            bearer = signed_in.raise_for_status().json()["access_token"]
            headers = {"authorization": f"Bearer {bearer}"}
            answer = client.request(method, f"/admin/realms{path}", json=body, headers=headers)
            return answer.raise_for_status().json() if answer.content else None


def start_keycloak(supervisor: Supervisor, archive: Path, folder: Path) -> Keycloak:
    """Unpack and start it, with nothing but its administrator; it stops with the supervisor."""
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    [home] = folder.iterdir()
    keycloak = Keycloak(f"http://{LOOPBACK}:{(port := free_port())}", secrets.token_urlsafe())
    options = ("--db=dev-mem", f"--http-host={LOOPBACK}", f"--http-port={port}", "--cache=local")
    program = Program(
        name="keycloak",
        command=("bash", str(home / "bin" / "kc.sh"), "start-dev", *options),
        environment={
            "JAVA": str(find_java()),
            "JAVA_OPTS_APPEND": JVM_OPTIONS,
            "KC_BOOTSTRAP_ADMIN_USERNAME": ADMINISTRATOR,
            "KC_BOOTSTRAP_ADMIN_PASSWORD": keycloak.password,
        },
        folder=folder,
        is_ready=when_page_answers(f"{keycloak.address}/realms/master"),
        ready_within=STARTS_WITHIN_SECONDS,
        restarts=False,
    )
    supervisor.start(program)
    return keycloak
