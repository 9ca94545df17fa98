"""The verbs of the command ``tms``, one module each, and the options that they share."""
