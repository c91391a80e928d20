aws dynamodb batch-write-item --request-items file://mixed-batch.json
