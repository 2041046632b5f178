"""What Model Analytics shows: reports as data, drawn by the page and written as one HTML file."""
