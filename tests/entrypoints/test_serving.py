from entrypoints.serving import settings_of
from entrypoints.settings import load_settings


def test_one_of_several_workers_reconciles() -> None:
    settings = load_settings({"RECONCILE_SECONDS": "900"}, staging=True, public_url="")

    assert [settings_of(worker, settings).reconcile_seconds for worker in range(3)] == [
        900,
        None,
        None,
    ]
