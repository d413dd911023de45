"""Read the headers of a cURL command copied from a browser, for bash or cmd.exe, complete or in part. Pure."""

import re
import shlex

_COMMAND = re.compile(r"(?:\$ )?curl(?:\.exe)?[ \t^\\\r\n]", re.I)
_OPTION = re.compile(r"""(?:-H|--header|-b|--cookie)[ \t=]*(?=\^?["']|\$')""")
_QUOTED = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.S)
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.S)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}


def is_one(text: str) -> bool:
    """Return whether a text is a cURL command, or begins with one of its options."""
    return bool(_COMMAND.match(text) or _OPTION.match(text))


def cookie(text: str) -> str:
    r"""Return the value of the Cookie header that a command sends.

    >>> cookie("curl 'https://site.test/?a=1' \\\n -H 'accept: */*' \\\n -b 'a=1; b=2' --data-raw 'c=3'")
    'a=1; b=2'
    >>> cookie("-H $'cookie: a=1\\u0021'"), cookie('curl "https://site.test/" ^\n -H "cookie: a=%^25"')
    ('a=1!', 'a=%25')

    :raises ValueError: if it sends none, or is truncated
    """
    value = headers(text).get("cookie")
    if value is None:
        raise ValueError("the cURL command has no cookie: copy a request to a page of the platform")
    return value


def headers(text: str) -> dict[str, str]:
    r"""Return the headers that a command sends, by their names in lower case.

    >>> headers("curl 'https://site.test/' -H 'User-Agent: Mozilla/5.0' -b 'a=1'")
    {'user-agent': 'Mozilla/5.0', 'cookie': 'a=1'}

    :raises ValueError: if it is truncated
    """
    try:
        words = shlex.split(_plain(text))
    except ValueError:
        raise ValueError("the cURL command is truncated: copy all of it") from None
    sent: dict[str, str] = {}
    for word, following in zip(words, [*words[1:], ""], strict=True):
        option, _, attached = word.partition("=")
        value = attached if option.startswith("--") and attached else following
        name, _, rest = value.partition(":")
        if option in ("-H", "--header"):
            sent.setdefault(name.strip().lower(), rest.strip())
        elif option in ("-b", "--cookie") and "=" in value:
            sent.setdefault("cookie", value.strip())
        elif option in ("-A", "--user-agent"):
            sent.setdefault("user-agent", value.strip())
    return sent


def _plain(text: str) -> str:
    """Return a command in the syntax of a POSIX shell."""
    if re.search(r"\^\r?\n|\^[\"%]", text):  # cmd.exe escapes with ^
        text = re.sub(r"\^(\r?\n|.)", lambda match: " " if match[1].strip() == "" else match[1], text)
    return _QUOTED.sub(lambda match: shlex.quote(_ESCAPED.sub(_letter, match[1])), text).replace("\\\r\n", "\\\n")


def _letter(match: re.Match[str]) -> str:
    number = match[1] or match[2]
    return chr(int(number, 16)) if number else _LETTERS.get(match[3], match[3])
