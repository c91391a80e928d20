# Create a batch with more than 25 items (will be split automatically by AWS CLI)
cat > large-batch.json << 'EOF'
{
  "demo-ecommerce-freetier": [
EOF

# Add multiple items to demonstrate batch limits
for i in {1..30}; do
  cat >> large-batch.json << EOF
    {
      "PutRequest": {
        "Item": {
          "PK": {"S": "PRODUCT#batch-test-$i"},
          "SK": {"S": "DETAILS"},
          "name": {"S": "Test Product $i"},
          "price": {"N": "10"}
        }
      }
    }$([ $i -lt 30 ] && echo ",")
EOF
done

cat >> large-batch.json << 'EOF'
  ]
}
EOF
