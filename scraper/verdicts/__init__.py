"""From an answer to its outcome."""

from scraper.verdicts.classifying import Verdicts, login_outcome, retry_after
from scraper.verdicts.decoding import Content, content, decode
from scraper.verdicts.words import Answer, Reading, Verdict

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
