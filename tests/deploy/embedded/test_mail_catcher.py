"""The mail catcher keeps every mail whole and shows it without letting it run anything."""

import smtplib
import subprocess
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from deploy.embedded.caught_mail import MailFolder, mail_folder
from deploy.embedded.mail_catcher import main
from deploy.embedded.mail_pages import PAGE_LENGTH, create_app
from deploy.embedded.ports import LOOPBACK, answers, free_port
from deploy.embedded.processes import Supervisor
from deploy.embedded.program import Program

CALENDAR = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


def invitation(recipient: str = "zoe@example.org", subject: str = "Votre rencontre, à 9 h") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Vernissage <vernissage@example.org>"
    message["To"] = f"Zoé <{recipient}>"
    message["Subject"] = subject
    message.set_content("Bonjour Zoé,\n\nrépondez ici : http://127.0.0.1:1/r/secret?a=1&b=2\n<script>bad()</script>\n")
    message.add_alternative("<p>Bonjour <b>Zoé</b><script>bad()</script></p>", subtype="html")
    message.add_attachment(CALENDAR, subtype="calendar", filename="rencontre à Lens.ics")
    return message


@pytest.fixture
def mails(tmp_path: Path) -> MailFolder:
    return mail_folder(tmp_path / "mail")


@pytest.fixture
async def pages(mails: MailFolder) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(mails))
    headers = {"accept": "text/html", "accept-language": "fr"}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8025", headers=headers) as client:
        yield client


def keep(mails: MailFolder, message: EmailMessage, recipient: str = "zoe@example.org") -> str:
    return mails.add("vernissage@example.org", [recipient], message.as_bytes())


def test_mails_sent_side_by_side_are_all_kept_whole(supervisor: Supervisor, tmp_path: Path) -> None:
    folder, smtp_port, http_port = tmp_path / "mail", free_port(), free_port()
    command = [sys.executable, "-W", "error", "-m", "deploy.embedded.mail_catcher", "--folder", str(folder)]
    command += ["--smtp-port", str(smtp_port), "--http-port", str(http_port)]
    root = Path(__file__).parents[3]
    supervisor.start(Program(name="mail", command=command, folder=root, is_ready=lambda: answers(http_port)))
    assert answers(smtp_port)

    def send(number: int) -> None:
        with smtplib.SMTP(LOOPBACK, smtp_port) as smtp:
            for part in range(5):
                smtp.send_message(invitation(f"p{number}.{part}@example.org"))

    with ThreadPoolExecutor(4) as senders:
        list(senders.map(send, range(4)))
    kept = MailFolder(folder).read_all()
    expected = {f"p{number}.{part}@example.org" for number in range(4) for part in range(5)}
    assert {recipient for mail in kept for recipient in mail.recipients} == expected
    assert [mail.received for mail in kept] == sorted(mail.received for mail in kept)
    assert all(mail.subject == "Votre rencontre, à 9 h" for mail in kept)
    assert httpx.get(f"http://{LOOPBACK}:{http_port}/").status_code == 200
    # What is logged outlives the mail: no address may stand there.
    assert "example.org" not in supervisor.log_path("mail").read_text()


def test_a_mail_is_read_back_with_its_parts(mails: MailFolder) -> None:
    name = keep(mails, invitation())
    mail = mails.read(name)
    assert mail.message["To"].addresses[0].display_name == "Zoé"
    assert "répondez ici" in mail.text()
    assert "<b>Zoé</b>" in mail.html()
    assert [part.get_filename() for part in mail.attachments()] == ["rencontre à Lens.ics"]
    assert mails.source(name).endswith(invitation().as_bytes()[-100:].split(b"--=")[-1][-2:])
    assert [path.name for path in mails.folder.iterdir()] == [f"{name}.eml"]


def test_a_reader_sees_no_half_of_a_mail(mails: MailFolder) -> None:
    (mails.folder / ".00000000000000000001-1.draft").write_bytes(b"half")
    assert mails.names() == []
    mail_folder(mails.folder)
    assert list(mails.folder.iterdir()) == []


@pytest.mark.parametrize("name", ["unknown", "../secret", "00000000000000000001-1", ""])
def test_no_other_file_can_be_read(mails: MailFolder, name: str) -> None:
    (mails.folder.parent / "secret.eml").write_text("secret")
    with pytest.raises(FileNotFoundError):
        mails.read(name)


async def test_the_list_shows_the_latest_first(mails: MailFolder, pages: httpx.AsyncClient) -> None:
    keep(mails, invitation(subject="Le premier"))
    keep(mails, invitation(subject="Le <i>second</i>"))
    text = (await pages.get("/")).text
    assert text.index("Le &lt;i&gt;second&lt;/i&gt;") < text.index("Le premier")
    assert "2 messages" in text


async def test_an_empty_list_says_what_to_do(pages: httpx.AsyncClient) -> None:
    assert "rechargez la page" in (await pages.get("/")).text


async def test_a_long_list_has_pages(mails: MailFolder, pages: httpx.AsyncClient) -> None:
    for number in range(PAGE_LENGTH + 1):
        keep(mails, invitation(subject=f"numéro {number}."))
    first, second = (await pages.get("/")).text, (await pages.get("/?page=2")).text
    assert "numéro 0." not in first
    assert "/?page=2" in first
    assert "numéro 0." in second
    assert (await pages.get("/?page=99")).text.count("numéro") == 1


async def test_a_mail_is_shown_as_text_with_its_links(mails: MailFolder, pages: httpx.AsyncClient) -> None:
    answer = await pages.get(f"/messages/{keep(mails, invitation())}")
    assert answer.status_code == 200
    assert '<a href="http://127.0.0.1:1/r/secret?a=1&amp;b=2"' in answer.text
    assert "<script" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_the_html_of_a_mail_can_run_and_load_nothing(mails: MailFolder, pages: httpx.AsyncClient) -> None:
    answer = await pages.get(f"/messages/{keep(mails, invitation())}/html")
    assert "<b>Zoé</b>" in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


async def test_attached_files_and_the_source_can_be_taken(mails: MailFolder, pages: httpx.AsyncClient) -> None:
    name = keep(mails, invitation())
    file = await pages.get(f"/messages/{name}/files/0")
    assert file.text.replace("\r\n", "\n") == CALENDAR.replace("\r\n", "\n")
    assert file.headers["content-disposition"].startswith("attachment; filename*=UTF-8''rencontre%20%C3%A0%20Lens")
    source = await pages.get(f"/messages/{name}/source")
    assert source.content == mails.source(name)


@pytest.mark.parametrize("path", ["/messages/unknown", "/messages/unknown/source", "/messages/{name}/files/9"])
async def test_what_is_not_there_is_said_on_a_page(mails: MailFolder, pages: httpx.AsyncClient, path: str) -> None:
    answer = await pages.get(path.format(name=keep(mails, invitation())))
    assert answer.status_code == 404
    assert "Ce message n’existe pas" in answer.text


def test_a_taken_port_ends_it_with_one_sentence(supervisor: Supervisor, tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", LOOPBACK]
    supervisor.start(Program(name="other", command=command, folder=tmp_path, is_ready=lambda: answers(port)))
    catcher = [sys.executable, "-m", "deploy.embedded.mail_catcher", "--folder", str(tmp_path / "mail")]
    catcher += ["--smtp-port", str(port), "--http-port", str(free_port())]
    ended = subprocess.run(catcher, capture_output=True, text=True, cwd=Path(__file__).parents[3], check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"The mail catcher cannot listen on port {port}, ")
    assert ended.stderr.endswith(": stop it or choose another port.\n")


def test_a_folder_that_cannot_be_written_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--folder", "/proc/mail", "--smtp-port", str(free_port()), "--http-port", str(free_port())]
    assert main(arguments) == 1
    assert "/proc/mail cannot be used" in capsys.readouterr().err


async def test_another_sites_name_shows_no_mail(mails: MailFolder) -> None:
    keep(mails, invitation("zoe@example.org"))
    transport = httpx.ASGITransport(app=create_app(mails))
    async with httpx.AsyncClient(transport=transport, base_url="http://evil.example") as client:
        asked = await client.get("/")
    assert (asked.status_code, "Zoé" in asked.text) == (421, False)
