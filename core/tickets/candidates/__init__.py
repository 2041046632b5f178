"""The candidate models, one module each; `core.tickets.registry` finds them here."""
