"""The ten metrics of a host: read through one door, sampled on a steady beat, gaps with a reason.

`host` is the door to the operating system, `metrics/` holds one module per metric, `collector`
turns both into a sample, `sampler` takes samples in the background, `live` takes a few in the
foreground, and `probe` times an address beside them. Nothing is imported here, so that naming the
area loads neither psutil nor requests.
"""
