"""`scrapy forget`: remove a person from what crawls have left on this machine and in a database."""

import argparse
import logging

import msgspec
from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from scraper.commands.link_resolver import understood
from scraper.commands.project_command import ProjectCommand, as_json, wrong_usage
from scraper.forgetting.person import Person
from scraper.forgetting.removal import Removal
from scraper.identities.masking import mask
from scraper.ledger.store import STORE_ERRORS, first_line, reason_of
from scraper.output.exit_code import DONE, OUTPUT, SOME_FAILED
from scraper.output.privacy import token_if_known
from scraper.output.visible_text import visible
from scraper.platform.atlas import Atlas
from scraper.platform.registry import platforms_of
from scraper.platform.targets import SHORT_LINK
from scraper.responses.exceptions import ArgumentError
from scraper.responses.wording import counted, unknown

logger = logging.getLogger(__name__)
_USER = "user"


class Command(ProjectCommand, ScrapyCommand):
    """Exit codes: 0, 2 for wrong usage, 3 if some places could not be changed, 7 if nothing could."""

    requires_crawler_process = False
    has_json = True

    def syntax(self) -> str:
        return "<platform> <user> [--dry-run] [--json]"

    def short_desc(self) -> str:
        return "Remove a person from databases, ledger and local feeds: give a link, a handle or an id"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--dry-run", action="store_true", help="only show what would be removed")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 2:
            raise UsageError("give a platform and a user: scrapy forget <platform> <user>")
        removal = None
        try:
            person = self._person(*args)
            removal = Removal(
                person,
                self.settings["STATE_DIR"],
                self.settings["OUTPUT_DIR"],
                self.settings["DATABASE_URL"],
                is_dry=opts.dry_run,
            )
            removal.run()
        except ArgumentError as error:
            raise wrong_usage(error) from None
        except STORE_ERRORS as error:
            where = f"{removal.at}: " if removal and not isinstance(error, OSError) else ""
            reason = mask(first_line(reason_of(error)))
            logger.error("%s is not forgotten, and can be forgotten again: %s%s", args[1], where, reason)
            self.exitcode = OUTPUT
            return
        print(as_json(_report(removal, opts.dry_run)) if opts.json else _text(removal, opts.dry_run))
        self.exitcode = SOME_FAILED if removal.untouched else DONE

    def _person(self, name: str, user: str) -> Person:
        """Return a person by what the user gave.

        :raises ArgumentError: if the platform is unknown, or the text is no user of it
        """
        platforms = {platform.name: platform for platform in platforms_of(self.settings)}
        if name not in platforms:
            raise ArgumentError(unknown("platform", name, platforms))
        user = user.strip()
        targets = [target for target in understood(user, Atlas([platforms[name]])) if target.platform == name]
        people = [target for target in targets if target.kind == _USER]
        if people:
            return Person(name, [target.id.removeprefix("@") for target in people], token_if_known())
        if any(target.kind == SHORT_LINK for target in targets):
            raise ArgumentError(f"{user}: give the link that it leads to: scrapy resolve --follow {user}")
        if not user or "/" in user or any(map(str.isspace, user)):
            raise ArgumentError(f"{user}: give the link of a user of {name}, a handle or an id")
        return Person(name, [user.removeprefix("@")], token_if_known())


def _report(removal: Removal, is_dry: bool) -> dict[str, object]:
    return {
        "dry_run": is_dry,
        "ids": sorted(removal.person.ids),
        "places": msgspec.to_builtins(removal.places),
        "untouched": msgspec.to_builtins(removal.untouched),
        "ended_runs": removal.ended,
    }


def _text(removal: Removal, is_dry: bool) -> str:
    """Return the result in words."""
    done = "would be removed" if is_dry else "removed"
    lines = [f"known as {', '.join(sorted(removal.person.ids))}"]
    for place in removal.places:
        lines.append(f"{place.name}: {counted(place.removed, 'row')} {done}, {place.changed} changed")
    if not removal.places:
        lines.append("nothing is stored about this person")
    lines += [f"run {run_id} names this person in its inputs: it cannot be resumed" for run_id in removal.ended]
    lines += [f"not changed: {place.name}: {place.reason}" for place in removal.untouched]
    return "\n".join(map(visible, lines))
