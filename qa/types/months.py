"""The months in English, for all that reads and writes dates; the standard library names them in the machine's language."""

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip
