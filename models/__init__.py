"""What will happen, how sure we are, and why: training, judging, registering and explaining models."""
