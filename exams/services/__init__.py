"""What changes exams: loading the bank, making exams, sitting them, marking, voiding."""
