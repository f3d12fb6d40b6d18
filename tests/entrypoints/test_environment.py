"""Environment variables, one by one: their values, and everything wrong with them at once."""

from pathlib import Path

import pytest

from entrypoints.environment import Environment


def test_value_is_read_without_white_space_around_it() -> None:
    assert Environment({"NAME": " value\n"}).text("NAME", "default") == "value"


@pytest.mark.parametrize(
    "environ", [{}, {"NAME": ""}, {"NAME": "  "}, {"NAME_FILE": " "}], ids=repr
)
def test_unset_or_empty_variable_has_its_default(environ: dict[str, str]) -> None:
    env = Environment(environ)

    assert env.text("NAME", "default") == "default"
    assert env.problems == []


def test_value_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("value\n")
    env = Environment({"NAME_FILE": str(file)})

    assert env.text("NAME", "default") == "value"
    assert env.problems == []


def test_value_and_file_together_are_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("canary-1")
    env = Environment({"NAME": "canary-2", "NAME_FILE": str(file)})

    env.text("NAME", "default")

    assert env.problems == ["NAME: set both here and by NAME_FILE"]


@pytest.mark.parametrize("kind", ["missing", "a folder", "not text"])
def test_unreadable_file_is_a_problem(tmp_path: Path, kind: str) -> None:
    file = tmp_path / kind
    if kind == "a folder":
        file.mkdir()
    if kind == "not text":
        file.write_bytes(b"\xff\xfe")
    env = Environment({"NAME_FILE": str(file)})

    env.text("NAME", "default")

    assert env.problems == ["NAME_FILE: cannot be read"]


@pytest.mark.parametrize(
    ("text", "value"), [("1", 1.0), ("0.5", 0.5), (" 3600 ", 3600.0), ("1e-3", 0.001)]
)
def test_seconds_are_a_number(text: str, value: float) -> None:
    env = Environment({"NAME": text})

    assert env.seconds("NAME", 5.0) == value
    assert env.problems == []


@pytest.mark.parametrize(
    "text", ["0", "-0", "-1", "3600.1", "1e300", "inf", "-inf", "nan", "five", "5 s", "1,5", "0x5"]
)
def test_seconds_that_cannot_be_waited_are_a_problem(text: str) -> None:
    env = Environment({"NAME": text})

    assert env.seconds("NAME", 5.0) == 5.0
    assert env.problems == ["NAME: expected seconds, more than 0 and at most 3600"]


@pytest.mark.parametrize(("text", "value"), [("1", 1.0), ("1.5", 1.5), ("60", 60.0)])
def test_seconds_may_have_a_least(text: str, value: float) -> None:
    env = Environment({"NAME": text})

    assert env.seconds("NAME", None, least=1, most=60) == value
    assert env.problems == []


@pytest.mark.parametrize("text", ["0", "0.99", "-1", "60.1", "nan", "five"])
def test_seconds_below_the_least_are_a_problem(text: str) -> None:
    env = Environment({"NAME": text})

    assert env.seconds("NAME", None, least=1, most=60) is None
    assert env.problems == ["NAME: expected seconds, from 1 to 60"]


def test_unset_seconds_have_their_default() -> None:
    assert Environment({}).seconds("NAME", 2.5) == 2.5


@pytest.mark.parametrize(("text", "value"), [("1", 1), (" 512\n", 512), ("900", 900)])
def test_count_is_a_whole_number(text: str, value: int) -> None:
    env = Environment({"NAME": text})

    assert env.count("NAME", 7, least=1, most=900) == value
    assert env.problems == []


@pytest.mark.parametrize(
    "text", ["0", "901", "-1", "+1", "1.0", "1e3", "1_000", "٣", "²", "9" * 5000]
)
def test_what_is_no_count_is_a_problem(text: str) -> None:
    env = Environment({"NAME": text})

    assert env.count("NAME", 7, least=1, most=900) == 7
    assert env.problems == ["NAME: expected a whole number from 1 to 900"]


def test_unset_count_has_its_default() -> None:
    assert Environment({}).count("NAME", 7, least=1, most=900) == 7


def test_problems_are_collected_in_the_order_in_which_they_are_met(tmp_path: Path) -> None:
    env = Environment({"FIRST": "never", "SECOND_FILE": str(tmp_path / "none"), "THIRD": "0"})

    env.seconds("FIRST", 1.0)
    env.text("SECOND", "")
    env.seconds("THIRD", 1.0)

    assert [problem.partition(":")[0] for problem in env.problems] == [
        "FIRST",
        "SECOND_FILE",
        "THIRD",
    ]


def test_empty_file_is_no_setting(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("\n")

    env = Environment({"NAME_FILE": str(file)})
    env.text("NAME", "default")

    assert env.problems == ["NAME_FILE: is empty"]


def test_choice_is_one_of_a_few_words_and_the_first_by_default() -> None:
    env = Environment({"SET": "two", "WRONG": "canary"})

    assert env.choice("UNSET", "one", "two") == "one"
    assert env.choice("SET", "one", "two") == "two"
    assert env.choice("WRONG", "one", "two") == "one"
    assert env.problems == ["WRONG: expected one or two"]
