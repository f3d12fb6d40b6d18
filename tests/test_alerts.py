"""Each alert looks at metrics that there are, fires, and has a line that says what to do."""

import re
import subprocess
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from entrypoints.http.routes import ROUTES
from tests.needed import program

ROOT: Final = Path(__file__).parent.parent
RULES: Final = ROOT / "docs" / "prometheus-alerts.yml"
PAGE: Final = (ROOT / "docs" / "operations.md").read_text()
FIRING: Final = Path(__file__).with_name("alerts_firing.yml")

ALERTS: Final[list[dict[str, Any]]] = [
    rule for group in msgspec.yaml.decode(RULES.read_bytes())["groups"] for rule in group["rules"]
]
NAMES: Final = [alert["alert"] for alert in ALERTS]

METRIC: Final = re.compile(r"^\| `(\w+)` \| (?:counter|gauge|histogram) \|", re.MULTILINE)
ROUTE: Final = re.compile(r'route!?="([^"]+)"')


@pytest.mark.parametrize("alert", ALERTS, ids=NAMES)
def test_alert_looks_at_metrics_and_routes_that_there_are(alert: dict[str, Any]) -> None:
    asked = set(re.findall(r"(?:wearable_link|process)_\w+", alert["expr"]))
    documented = set(METRIC.findall(PAGE))

    assert {re.sub("_bucket$", "", metric) for metric in asked} <= documented
    assert set(ROUTE.findall(alert["expr"])) <= {route.path for route in ROUTES}


def test_each_alert_has_a_line_that_says_what_to_do_and_no_line_is_left_over() -> None:
    section = PAGE.partition("## When an alert fires\n")[2].partition("\n## ")[0]

    assert re.findall(r"^### (\w+)$", section, re.MULTILINE) == NAMES
    for alert in ALERTS:
        anchor = alert["alert"].lower()
        assert alert["annotations"]["runbook"] == f"docs/operations.md#{anchor}"
        assert alert["labels"]["severity"] in {"page", "ticket"}


def test_each_alert_is_let_fire() -> None:
    tried = msgspec.yaml.decode(FIRING.read_bytes())["tests"]

    assert [each["alert_rule_test"][0]["alertname"] for each in tried] == NAMES
    assert all(each["alert_rule_test"][0]["exp_alerts"] for each in tried)


@pytest.mark.parametrize("what", [("check", "rules", RULES), ("test", "rules", FIRING)])
def test_prometheus_agrees(what: tuple[object, ...]) -> None:
    told = subprocess.run(
        (program("promtool"), *map(str, what)), capture_output=True, text=True, check=False
    )

    assert told.returncode == 0, told.stdout + told.stderr
