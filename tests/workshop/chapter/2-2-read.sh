aws dynamodb batch-get-item --request-items file://batch-get.json
