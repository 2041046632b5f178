"""What only an admin may do: each function checks who asks, does it, and enters it in the audit
trail.

Pages and the command line come through here for whatever changes data, models or what people said.
"""
