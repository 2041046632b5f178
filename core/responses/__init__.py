"""Replies to tickets: facts -> evidence -> redaction -> provider -> checked reply.

`responder.Responder` is the door; `providers/` holds one module for each way to write a reply.
Nothing is imported here, so that naming the area loads no library for the network.
"""
