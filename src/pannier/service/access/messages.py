"""What is said of signatures and rights, in AWS's words.

| text | evidence |
|---|---|
| a missing or incomplete header, five parts of a credential | captured |
| expired, not yet current, `Host` not signed, no match, correct service | captured on DynamoDB |
| terminator, date of the scope, another algorithm, form of a date | captured on other services |
| `X-Amz-Date` or `X-Amz-Target` not signed | inferred, by the text for `Host` |
| addresses with signatures, chunks, hash of the body, a name or field twice | this server's own |
"""

from typing import Final

UNKNOWN_KEY: Final = "The security token included in the request is invalid."
NO_MATCH: Final = (
    "The request signature we calculated does not match the signature you provided. Check your AWS "
    "Secret Access Key and signing method. Consult the service documentation for details."
)
HOST_UNSIGNED: Final = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
HEADER_UNSIGNED: Final = "'{name}' must be a 'SignedHeader' in the AWS Authorization."
ALGORITHM: Final = "Unsupported AWS 'algorithm': '{algorithm}' (only AWS4-HMAC-SHA256 for now). "
CREDENTIAL_PARTS: Final = (
    "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
    "got '{credential}'"
)
NO_PAIR: Final = (
    "'{part}' not a valid key=value pair (missing equal-sign) in Authorization header: '{header}'."
)
STRANGE_PART: Final = "'{part}' is twice, or unknown, in Authorization header: '{header}'."
DATE_FORM: Final = "Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601"
EXPIRED: Final = "Signature expired: {date} is now earlier than {limit} ({now} - 15 min.)"
TOO_EARLY: Final = "Signature not yet current: {date} is still later than {limit} ({now} + 15 min.)"
SERVICE: Final = "Credential should be scoped to correct service: '{service}'. "
TERMINATOR: Final = (
    "Credential should be scoped with a valid terminator: 'aws4_request', not '{terminator}'. "
)
SCOPE_DATE: Final = (
    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
    "'{scope}' != '{day}', from '{date}'."
)
IN_ADDRESS: Final = (
    "A signature in the address (a presigned URL) is not taken by this server. Sign in the "
    "Authorization header."
)
BODY_HASH: Final = (
    "The provided 'x-amz-content-sha256' header does not match what was computed. Bodies that are "
    "not signed, or signed in chunks, are not taken by this server."
)
FIELD_TWICE: Final = "A field of the address is there twice."
DENIED: Final = (
    "User: arn:aws:iam::000000000000:user/{name} is not authorized to perform: {action} on "
    "resource: {resource} because no identity-based policy allows the {action} action"
)
