"""The front door: what others import, and the command ``tms``. No mathematics in it."""
