"""Every page in its frame: page set-up, menu, the page itself, and what it says when it fails."""

from core.errors import CoreError
from pages.ui import errors, frame

frame.begin()
page = frame.menu()
try:
    frame.quiet_line()
    page.run()
except CoreError as error:
    errors.show(error)
