"""BLAKE2b (RFC 7693), the one hash of every run.

CPython's hashlib gives the same class, after loading OpenSSL for the other hashes: 3 ms of every
start.
"""

try:
    from _blake2 import blake2b
except ImportError:  # another Python
    from hashlib import blake2b

__all__ = ["blake2b"]
