cat > batch-products.json << 'EOF'
{
  "demo-ecommerce-freetier": [
    {
      "PutRequest": {
        "Item": {
          "PK": {"S": "PRODUCT#batch-laptop-001"},
          "SK": {"S": "DETAILS"},
          "GSI1PK": {"S": "CATEGORY#electronics"},
          "GSI1SK": {"S": "PRODUCT#batch-laptop-001"},
          "name": {"S": "Gaming Laptop Pro"},
          "price": {"N": "1299"},
          "stock": {"N": "15"},
          "category": {"S": "electronics"},
          "brand": {"S": "TechPro"}
        }
      }
    },
    {
      "PutRequest": {
        "Item": {
          "PK": {"S": "PRODUCT#batch-mouse-002"},
          "SK": {"S": "DETAILS"},
          "GSI1PK": {"S": "CATEGORY#electronics"},
          "GSI1SK": {"S": "PRODUCT#batch-mouse-002"},
          "name": {"S": "Wireless Gaming Mouse"},
          "price": {"N": "79"},
          "stock": {"N": "50"},
          "category": {"S": "electronics"},
          "brand": {"S": "GamerGear"}
        }
      }
    },
    {
      "PutRequest": {
        "Item": {
          "PK": {"S": "PRODUCT#batch-keyboard-003"},
          "SK": {"S": "DETAILS"},
          "GSI1PK": {"S": "CATEGORY#electronics"},
          "GSI1SK": {"S": "PRODUCT#batch-keyboard-003"},
          "name": {"S": "Mechanical Keyboard RGB"},
          "price": {"N": "159"},
          "stock": {"N": "25"},
          "category": {"S": "electronics"},
          "brand": {"S": "KeyMaster"}
        }
      }
    }
  ]
}
EOF
