"""What a question asks for, in whatever shape it comes."""
