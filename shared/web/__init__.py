"""The web's common pieces: application, layout, look, forms, typography, problem details."""

from shared.web.application import WebSettings, answer, create_web_app, wants_page
from shared.web.forms import VerifiedForm
from shared.web.problems import Problem
from shared.web.serving import serve_service
from shared.web.templating import Pages, create_environment, language_of, pages_of

__all__ = [
    "Pages",
    "Problem",
    "VerifiedForm",
    "WebSettings",
    "answer",
    "create_environment",
    "create_web_app",
    "language_of",
    "pages_of",
    "serve_service",
    "wants_page",
]
