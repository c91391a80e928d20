"""How a batch reaches its target: in this process, over HTTP, or through a botocore client."""
