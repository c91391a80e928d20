cat > mixed-batch.json << 'EOF'
{
  "demo-ecommerce-freetier": [
    {
      "PutRequest": {
        "Item": {
          "PK": {"S": "PRODUCT#batch-headset-004"},
          "SK": {"S": "DETAILS"},
          "GSI1PK": {"S": "CATEGORY#electronics"},
          "GSI1SK": {"S": "PRODUCT#batch-headset-004"},
          "name": {"S": "Wireless Headset Pro"},
          "price": {"N": "199"},
          "stock": {"N": "20"},
          "category": {"S": "electronics"}
        }
      }
    },
    {
      "DeleteRequest": {
        "Key": {
          "PK": {"S": "PRODUCT#batch-mouse-002"},
          "SK": {"S": "DETAILS"}
        }
      }
    }
  ]
}
EOF
