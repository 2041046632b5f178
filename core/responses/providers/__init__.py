"""The reply providers: one module each, found by `core.responses.registry`."""
