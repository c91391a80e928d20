# Single item retrieval (less efficient)
aws dynamodb get-item \
  --table-name demo-ecommerce-freetier \
  --key '{"PK":{"S":"PRODUCT#batch-laptop-001"},"SK":{"S":"DETAILS"}}'
