"""The live metrics, one module each.

A new metric is one new file: a class derived from `core.telemetry.metric.Metric` with a `spec` and
a `read`, decorated with `core.telemetry.registry.register`. It is then sampled, stored and tested
by tests/contracts; a trained model keeps to the metrics in its manifest.
"""
