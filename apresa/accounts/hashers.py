"""How passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class SmallArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB instead of 100: many sign-ins at once must not exhaust a small machine that records."""

    memory_cost = 19_456
    time_cost = 2
    parallelism = 1
