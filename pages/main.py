"""Every page in its frame: page set-up, menu, the page itself, and what it says when it fails."""

from functools import partial

from core.errors import CoreError
from pages.ui import errors, frame

frame.begin()
page = frame.menu()
said = ""
for draw in (partial(frame.quiet_line, page.url_path), page.run):
    try:
        draw()
    except CoreError as error:
        if str(error) != said:  # what fails for both is said once
            errors.show(error)
        said = str(error)
