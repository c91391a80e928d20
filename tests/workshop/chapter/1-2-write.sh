aws dynamodb batch-write-item --request-items file://batch-products.json
