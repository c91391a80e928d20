"""What DynamoDB costs: dated list prices, and what a number of units comes to."""
