"""Apache Kafka as a supervised local process: one node, broker and controller, on the loopback interface only."""

import shutil
import subprocess
import tempfile
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.embedded.errors import BrokerUnavailable, ProcessFailed
from deploy.embedded.folders import private_folder, write_whole
from deploy.embedded.jars import KAFKA_VERSION, kafka_jars
from deploy.embedded.java import find_java
from deploy.embedded.ports import LOOPBACK, answers, given_or_free
from deploy.embedded.processes import Supervisor
from deploy.embedded.program import Program
from deploy.embedded.progress import Progress, in_silence

READY_SECONDS = 60.0
FORMAT_SECONDS = 120
STOP_SECONDS = 20.0
STARTS = 3
DRAFT_PREFIX = ".new-"

JVM_OPTIONS = (
    "-Xmx384m",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
)

# A stopped or killed broker is let back in once its session has run out: 2 s here instead of 9 s.
SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
auto.create.topics.enable=false
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
default.replication.factor=1
min.insync.replicas=1
log.cleaner.dedupe.buffer.size=16777216
"""


class EmbeddedKafka:
    """One Apache Kafka node whose topics live in `folder`.

    The listening ports are `port` and `controller_port`, or free ones. `java` is the program or Java home to run it
    with, or None for the packaged one; `cache` is where the jars are kept, or None for the user's cache folder.
    """

    version = KAFKA_VERSION

    def __init__(
        self,
        supervisor: Supervisor,
        folder: Path,
        *,
        port: int | None = None,
        controller_port: int | None = None,
        java: Path | None = None,
        cache: Path | None = None,
        name: str = "kafka",
    ) -> None:
        self.name = name
        self.folder = folder
        self.port: int | None = port
        self._given_port = port
        self._given_controller_port = controller_port
        self._supervisor = supervisor
        self._java_setting = java
        self._cache = cache

    @property
    def bootstrap_servers(self) -> str:
        """The address that clients are given, such as `127.0.0.1:9092`."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        """The process number of the node, which changes with each restart."""
        return self._supervisor.pid(self.name)

    def start(self, progress: Progress = in_silence) -> None:
        """Start the node and wait until it takes requests; the folder is formatted the first time.

        Raises an `EmbeddedError` that says what to do: jars not to be had, no Java, port taken, folder not writable.
        """
        self.folder = private_folder(self.folder)
        java = find_java(self._java_setting)
        class_path = ":".join(str(jar) for jar in kafka_jars(progress, self._cache))
        self._java = (str(java), *JVM_OPTIONS, f"-Dkafka.logs.dir={self.folder}", "-cp", class_path)
        for attempt in range(STARTS):
            self._choose_ports()
            if not self._topics.exists():
                progress("kafka", "preparing its folder", None)
                self._format()
            self._write_settings(self._settings_path, self._topics)
            progress("kafka", "starting", None)
            try:
                self._supervisor.start(self._program())
            except ProcessFailed:
                # A free port may be taken by somebody else between its choice and its use.
                if self._given_port is not None or attempt + 1 == STARTS:
                    raise
            else:
                progress("kafka", f"Apache Kafka {self.version} on {self.bootstrap_servers}", 1.0)
                return

    def stop(self) -> None:
        """Stop the node; what its topics hold stays."""
        self._supervisor.stop(self.name)

    def is_ready(self) -> bool:
        """Whether the node takes requests: its port being open does not say so yet."""
        return self.port is not None and answers(self.port) and broker_answers(self.bootstrap_servers, seconds=1.0)

    def _program(self) -> Program:
        return Program(
            name=self.name,
            command=(*self._java, "kafka.Kafka", str(self._settings_path)),
            environment={"LC_ALL": "C.UTF-8"},
            folder=self.folder,
            is_ready=self.is_ready,
            ready_within=READY_SECONDS,
            stop_within=STOP_SECONDS,
        )

    @property
    def _settings_path(self) -> Path:
        return self.folder / "server.properties"

    @property
    def _topics(self) -> Path:
        return self.folder / "topics"

    def _choose_ports(self) -> None:
        self.port = given_or_free(self._given_port, "Kafka")
        self._controller_port = given_or_free(self._given_controller_port, "Kafka's controller")

    def _write_settings(self, path: Path, topics: Path) -> None:
        own = (
            f"listeners=PLAINTEXT://{LOOPBACK}:{self.port},CONTROLLER://{LOOPBACK}:{self._controller_port}\n"
            f"advertised.listeners=PLAINTEXT://{LOOPBACK}:{self.port}\n"
            f"controller.quorum.voters=1@{LOOPBACK}:{self._controller_port}\n"
            f"log.dirs={topics}\n"
        )
        write_whole(path, SETTINGS + own)

    def _format(self) -> None:
        """Make the folder of topics next to its place and move it there whole, so that a kill leaves no half of one."""
        for abandoned in self.folder.glob(f"{DRAFT_PREFIX}*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        with tempfile.TemporaryDirectory(prefix=DRAFT_PREFIX, dir=self.folder) as place:
            draft, settings = Path(place) / "topics", Path(place) / "server.properties"
            self._write_settings(settings, draft)
            # In one word, since an id may begin with a hyphen.
            command = [*self._java, "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}"]
            command += ["--config", str(settings)]
            try:
                subprocess.run(command, check=True, capture_output=True, timeout=FORMAT_SECONDS)  # noqa: S603
                draft.replace(self._topics)
            except (OSError, subprocess.SubprocessError) as error:
                reason = f"its folder {self.folder} could not be prepared, look at its rights and its room"
                raise BrokerUnavailable(reason) from error


def broker_answers(bootstrap_servers: str, seconds: float) -> bool:
    """Whether a Kafka at `bootstrap_servers` names at least one broker within `seconds`."""
    quiet: dict[str, str | int | float | bool] = {
        "log_level": 0,
        "bootstrap.servers": bootstrap_servers,
        "allow.auto.create.topics": False,
    }
    try:
        return bool(AdminClient(quiet).list_topics(timeout=seconds).brokers)
    except KafkaException:
        return False
