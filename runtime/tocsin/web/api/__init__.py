"""The REST API under `/api`: JSON in and out, bearer tokens, every error a problem document (RFC 9457).

`routes` builds it. An operation is one row of a table (`operations`), from which both the dispatching and
the OpenAPI document are made, so that neither can say what the other does not do.
"""

from tocsin.web.api.door import routes
from tocsin.web.api.services import ApiServices

__all__ = ["ApiServices", "routes"]
