"""The outcome of a demo as one page that needs no other file: `report.html`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from markupsafe import Markup

from deploy.demo.counting import Counts
from deploy.demo.showcase import Showcase
from shared.reference.levels import levels
from shared.web.templating import STYLE, create_environment

TEMPLATES = Path(__file__).parent / "templates"

STEPS = {
    "start": "Le socle et les trois services démarrent",
    "import": "Les exports des agences sont importés",
    "profiles": "Les profils sont estimés à partir des observations",
    "pairings": "Un appariement est proposé pour chaque rencontre",
    "approvals": "Une conseillère de chaque agence approuve (la démonstration joue son rôle)",
    "invitations": "Les invitations partent par courriel, avec leur fichier d’agenda",
    "replies": "Des personnes acceptent ou refusent par le lien de leur courriel",
    "refills": "Les refus sont comblés depuis la réserve",
    "rematch": "Une conseillère demande un nouvel appariement, avec une paire imposée et une interdite",
    "shortlists": "Les employeurs reçoivent leur liste",
    "answers": "Les employeurs répondent par le lien de leur courriel",
    "counting": "Tout est compté",
}


def report_page(counts: Counts, shown: Showcase, made_at: datetime) -> str:
    """The page's HTML, in French, with its style and pictures inside."""
    environment = create_environment(TEMPLATES)
    scale = levels()
    return environment.get_template("report.html").render(
        language="fr",
        # Our own file: it holds no markup that could end the element.
        style=Markup(STYLE.read_text(encoding="utf-8")),  # noqa: S704
        counts=counts,
        shown=shown,
        steps=STEPS,
        made_at=made_at,
        least=scale[0].name(),
        most=scale[-1].name(),
    )
