"""The one exception of this package."""


class GeodataError(ValueError):
    """Input that cannot be used; the message says what, where, what was expected, and what to do."""
