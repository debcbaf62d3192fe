"""What goes wrong while a recording is made."""


class RenderError(ValueError):
    """This call's audio cannot be made; the sentence says why."""
