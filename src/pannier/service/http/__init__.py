"""HTTP/1.1 for small requests and quick answers.

A handler gets each request and a function that answers it, at once or later, or ends the
connection without an answer. Everything that clients can make grow or last is bounded by
`HttpLimits`.

```
bytes -> connection -> usual_requests, or parsing for whatever else HTTP may be -> handler
```

Why not a framework: `docs/decisions/0004-http-server.md`.
"""

from pannier.service.http.connections import Connections
from pannier.service.http.limits import HttpLimits
from pannier.service.http.messages import Handler, HttpRequest, HttpResponse, Respond

__all__ = ["Connections", "Handler", "HttpLimits", "HttpRequest", "HttpResponse", "Respond"]
