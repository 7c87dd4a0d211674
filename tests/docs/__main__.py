"""`python -m tests.docs` writes the outputs of the worked pages anew."""

from tests.docs.worked_page import PAGES, run_anew

for page in PAGES:
    page.write_text(run_anew(page.read_text(encoding="utf-8")), encoding="utf-8")
