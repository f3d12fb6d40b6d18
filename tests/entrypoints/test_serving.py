from entrypoints.serving import settings_of
from entrypoints.settings import load_settings


def test_one_of_several_workers_reconciles() -> None:
    settings = load_settings({"RECONCILE_SECONDS": "900"}, staging=True, public_url="")

    assert [settings_of(worker, settings).reconcile_seconds for worker in range(3)] == [
        900,
        None,
        None,
    ]


def test_each_of_several_workers_has_its_number() -> None:
    settings = load_settings({}, staging=True, public_url="")

    assert settings.worker is None
    assert [settings_of(worker, settings).worker for worker in range(3)] == [0, 1, 2]
