"""Which invariant has to catch which broken design."""

CAUGHT_BY = {
    "trust_the_preview": "run: no compliant account was disabled",
    "ask_before_the_lock": "run: nobody was disabled after their passing was acknowledged",
    "no_lock_on_the_batch": "run: each done item is one account, disabled once",
    "acknowledge_before_the_commit": "exam: every acknowledged answer is kept as it was given",
    "acknowledged_early": "batch: it is done and nothing waits",
    "audit_outside": "run: one audit row for each account disabled",
}
