"""Failure prediction: simulated hosts, windows, an LSTM, its evaluation, serving and reasons."""
