"""A new cookie in a configuration: whatever else stands there stays, to the letter."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scraper.identities.yaml_editing import with_values, write
from tests.cases import ROOT

AROUND = '# top\nuser_agent: "A"  # mine\n{}# below\npace: {{delay_s: 1}} # end\n'
STYLES = [
    'cookie: ""\n', "cookie: 'a=1; b=2'\n", 'cookie: "a=1;\\\n  b=2"\n', "cookie: a=1\n", "cookie:\n", "cookie: null\n",
    "cookie: ~\n", "cookie: |\n  a=1;\n  b=2\n", "cookie: >-\n  a=1;\n  b=2\n\n", "cookie: a=1;\n  b=2\n",
    '"cookie": a\n', "cookie:   'a'\n", "cookie: 'a'\n\n", "cookie:\n  'a=1'\n",
]  # fmt: skip


def with_cookie(text: str, cookie: str, identity: str = "") -> str:
    return with_values(text, {"cookie": cookie}, identity)


@pytest.mark.parametrize("old", STYLES)
def test_only_the_cookie_changes(old: str) -> None:
    text = AROUND.format(old)
    changed = with_cookie(text, 'new=x%2C; c="q"\'')
    assert yaml.safe_load(changed) == {**yaml.safe_load(text), "cookie": 'new=x%2C; c="q"\''}
    assert changed.startswith('# top\nuser_agent: "A"  # mine\n')
    assert changed.endswith("# below\npace: {delay_s: 1} # end\n")
    assert with_cookie(changed, "again=1").count("again=1") == 1


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "user_agent: a", "---\nuser_agent: a\n", "headers:\n  A: b\n"])
def test_a_cookie_where_there_was_none(text: str) -> None:
    changed = with_cookie(text, "a=1")
    assert changed.startswith(text) and yaml.safe_load(changed) == {**(yaml.safe_load(text) or {}), "cookie": "a=1"}


def test_a_comment_behind_it_stays() -> None:
    assert with_cookie("cookie: 'a'  # of Monday\n", "b=1") == 'cookie: "b=1"  # of Monday\n'


@pytest.mark.parametrize(
    "rows",
    ["[{name: a, cookie: x=1}, {name: b, cookie: y=1}]", "[{name: a}, {name: b}]",
     "\n- name: a\n  cookie: x=1 # first\n- name: b\n  cookie: |\n    y=1\n",
     "\n  - name: a\n  - name: b\n    proxy: null\n"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a", "b"])
def test_the_cookie_of_one_identity(rows: str, name: str) -> None:
    text = f"# top\nidentities: {rows}\n# end\n"
    before, after = yaml.safe_load(text), yaml.safe_load(changed := with_cookie(text, "new=1", name))
    for row in before["identities"]:
        row.update({"cookie": "new=1"} if row["name"] == name else {})
    assert after == before and changed.startswith("# top\n") and changed.endswith("# end\n")


@pytest.mark.parametrize(
    "text",
    ["cookie: [", "- a\n", "text\n", "a: &x SECRET\ncookie: *x\n", "{user_agent: a}\n", "a: 1\n---\nb: 2\n",
     "cookie: !!python/object/apply:os.system ['true']\n", "cookie: &x !!str SECRET\nuser_agent: *x\n", "a: 1\n...\n"],
)  # fmt: skip
def test_what_cannot_be_changed_safely_is_refused_or_right(text: str) -> None:
    try:
        changed = with_cookie(text, "a=1")
    except ValueError as error:
        assert "SECRET" not in str(error)
    else:
        assert yaml.safe_load(changed) == {**yaml.safe_load(text), "cookie": "a=1"}


def test_two_values_at_once_each_in_its_place() -> None:
    text = AROUND.format("cookie: old\n")
    changed = with_values(text, {"cookie": "a=1", "user_agent": "B"})
    assert changed == text.replace("cookie: old", 'cookie: "a=1"').replace('"A"', '"B"')
    rows = "identities:\n- name: a\n- name: b\n  proxy: null\n"
    after = yaml.safe_load(with_values(rows, {"cookie": "a=1", "user_agent": "B"}, "b"))
    assert after["identities"] == [{"name": "a"}, {"name": "b", "proxy": None, "cookie": "a=1", "user_agent": "B"}]


def test_an_identity_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="'c' among its identities"):
        with_cookie("identities: [{name: a}]\n", "a=1", "c")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=60))
def test_any_value_is_read_as_it_was_written(value: str) -> None:
    text = AROUND.format("cookie: old\n")
    try:
        assert yaml.safe_load(with_cookie(text, value))["cookie"] == value
    except ValueError as error:
        assert "changed safely" in str(error)


def test_every_example_takes_a_cookie(platform) -> None:
    for service in platform.services:
        text = (ROOT / "config" / service.name / "config.example.yaml").read_text("utf-8")
        changed = with_cookie(text, "a=1")
        assert yaml.safe_load(changed) == {**yaml.safe_load(text), "cookie": "a=1"}
        assert len(changed.splitlines()) <= len(text.splitlines()) + 1


def test_a_file_is_written_whole_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.yaml"
    write(path, "a: 1\n")
    path.chmod(0o644)
    write(path, "a: 2\n")
    assert path.read_text() == "a: 2\n" and path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in path.parent.iterdir()] == ["config.yaml"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text("a: 1\n")
    (tmp_path / "config.yaml").symlink_to(tmp_path / "real.yaml")
    write(tmp_path / "config.yaml", "a: 2\n")
    assert (tmp_path / "config.yaml").is_symlink() and (tmp_path / "real.yaml").read_text() == "a: 2\n"


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("a: 1\n")

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fails)
    with pytest.raises(OSError):
        write(path, "a: 2\n")
    assert path.read_text() == "a: 1\n" and [path.name for path in tmp_path.iterdir()] == ["config.yaml"]
