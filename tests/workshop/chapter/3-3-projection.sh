cat > batch-get-projection.json << 'EOF'
{
  "demo-ecommerce-freetier": {
    "Keys": [
      {
        "PK": {"S": "PRODUCT#batch-laptop-001"},
        "SK": {"S": "DETAILS"}
      },
      {
        "PK": {"S": "PRODUCT#batch-keyboard-003"},
        "SK": {"S": "DETAILS"}
      },
      {
        "PK": {"S": "PRODUCT#batch-headset-004"},
        "SK": {"S": "DETAILS"}
      }
    ],
    "ProjectionExpression": "PK, SK, #n, price, stock",
    "ExpressionAttributeNames": {
      "#n": "name"
    }
  }
}
EOF
