cat > batch-get.json << 'EOF'
{
  "demo-ecommerce-freetier": {
    "Keys": [
      {
        "PK": {"S": "PRODUCT#batch-laptop-001"},
        "SK": {"S": "DETAILS"}
      },
      {
        "PK": {"S": "PRODUCT#batch-mouse-002"},
        "SK": {"S": "DETAILS"}
      },
      {
        "PK": {"S": "PRODUCT#batch-keyboard-003"},
        "SK": {"S": "DETAILS"}
      }
    ]
  }
}
EOF
