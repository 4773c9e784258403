"""What all tests share: properties are not timed, as the machine may be busy."""

from hypothesis import settings

settings.register_profile("study", deadline=None)
settings.load_profile("study")
