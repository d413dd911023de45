"""From response bytes to meaning: how a platform's answers are decoded and classified.

Outcomes and their codes (`outcomes`), the classifier of answers (`classifier`, `verdict`), decoding of bodies
(`decoding`), declarations of what is read (`shapes`), reading of untrusted values (`values`), and the exceptions of
the project (`exceptions`).

Imports no other room. Start reading at `outcomes`.
"""

from scraper.responses.classifier import Verdicts, login_outcome, retry_after
from scraper.responses.decoding import Content, content, decode, decode_inner
from scraper.responses.verdict import Answer, Reading, Verdict

__all__ = [
    "Answer",
    "Content",
    "Reading",
    "Verdict",
    "Verdicts",
    "content",
    "decode",
    "decode_inner",
    "login_outcome",
    "retry_after",
]
