"""What clients may do to the server: a bound on everything that they can make grow or last."""

from dataclasses import dataclass

from pannier.limits import KIB, MIB, REQUEST_BYTES_MAX


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Bounds. Sizes in bytes, times in seconds.

    Attributes:
        header_bytes_max: of a request's target and headers. The longest that SDKs send, with a
            session token, are a few KB.
        body_bytes_max: of a request. AWS refuses bodies above 16 MB itself; this is a little more,
            so that its error is answered.
        pipelined_max: requests of one connection that wait for the answer to one before them.
        pipelined_bytes_max: of these requests together.
        received_bytes_max: of what all connections together hold of requests that are not complete
            or wait. Beyond it, the longest slow one or the newest is refused: see `Connections`.
        unsent_bytes_max: of all answers together that clients do not take. Beyond it, the
            connection whose answer has waited longest is closed.
        connections_max: at once. Beyond it the longest idle one makes room.
        request_s_max: from a request's first byte to its last. 16 MB take this long at 2 Mbit/s.
        answer_s_max: until a client has taken its answers, from when they begin to pile up.
        idle_s_max: on which nothing is asked. The longest that SDKs keep a connection is 60 s.
        linger_s_max: until a client that was refused has stopped sending and read why.
    """

    header_bytes_max: int = 32 * KIB
    body_bytes_max: int = REQUEST_BYTES_MAX + MIB
    pipelined_max: int = 64
    pipelined_bytes_max: int = MIB
    received_bytes_max: int = 512 * MIB
    unsent_bytes_max: int = 512 * MIB
    connections_max: int = 16_384
    request_s_max: float = 60.0
    answer_s_max: float = 60.0
    idle_s_max: float = 120.0
    linger_s_max: float = 2.0
