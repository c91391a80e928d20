"""What servers are given: the works, their requests, and the generator that sends them."""
