"""From an answer to its outcome."""

from scraper.responses.classifier import Verdicts, login_outcome, retry_after
from scraper.responses.decoding import Content, content, decode
from scraper.responses.verdict import Answer, Reading, Verdict

__all__ = [
    "Answer",
    "Content",
    "Reading",
    "Verdict",
    "Verdicts",
    "content",
    "decode",
    "login_outcome",
    "retry_after",
]
