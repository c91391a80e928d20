"""What Pannier is built out of: known vulnerabilities and licences of the packages it pins."""
