"""What new instructions can be asked to be: attributes from a file, and a library of them."""
