"""What must not come out of the program, and what must not hold it up."""
