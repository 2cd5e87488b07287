"""Every life cycle of the house."""

from census_staff.batches.lifecycle import BATCH
from credentials.lifecycle import CARD
from exams.lifecycle import ATTEMPT, EXAM
from recruitment.lifecycle import ACCESS, SERVICE
from training.lifecycle import COURSE

CYCLES = (SERVICE, ACCESS, CARD, COURSE, EXAM, ATTEMPT, BATCH)
