"""What all tests share: properties are not timed, as the machine may be busy; the longest files come first."""

import pytest
from hypothesis import settings

settings.register_profile("study", deadline=None)
settings.load_profile("study")

LONGEST = ("test_end_to_end.py", "test_real_corpus.py")  # minutes each: begun last, one core would wait for them


@pytest.hookimpl(tryfirst=True)  # before marks are selected by
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker("slow")
    items.sort(key=lambda item: item.path.name not in LONGEST)
