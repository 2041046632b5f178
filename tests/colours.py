"""How well two colours can be told apart."""


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2, 1.4.3), from 1 to 21."""
    dark, light = sorted((_luminance(first), _luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def over(colour: str, background: str, share: float) -> str:
    """Return `colour` laid over `background` so that it covers `share` of it."""
    mixed = (
        round(share * top + (1 - share) * below)
        for top, below in zip(_channels(colour), _channels(background), strict=True)
    )
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def _luminance(colour: str) -> float:
    parts = [channel / 255 for channel in _channels(colour)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
