"""A stand-in for msvcrt, by which Windows locks bytes of a file, made of Linux's locks of bytes."""

import fcntl
import os
import struct


class Msvcrt:
    """Locks from where the file stands, for one open file alone, as Windows does.

    A lock keeps others from those bytes only, and what cannot be had raises OSError. Linux lets
    several lock a file that they only read; that is not so on Windows.
    """

    LK_NBLCK = 2

    def locking(self, descriptor: int, mode: int, n_bytes: int, /) -> None:
        assert mode == self.LK_NBLCK
        is_read_only = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
        kind = fcntl.F_RDLCK if is_read_only else fcntl.F_WRLCK
        # struct flock of Linux: type, from the present position, start, length, no process.
        asked = struct.pack("hhqqi4x", kind, os.SEEK_CUR, 0, n_bytes, 0)
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, asked)
