aws dynamodb batch-write-item --request-items file://large-batch.json
