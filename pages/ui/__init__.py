"""Drawing modules: each shows one kind of result; no arithmetic beyond formatting."""
