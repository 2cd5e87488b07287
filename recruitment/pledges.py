"""The pledge: the text that is asked of a role, and signing it."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from PIL import Image

from census_staff.audit.acting import acting
from census_staff.audit.services import record
from census_staff.censuses.models import Census
from census_staff.correspondence.models import Notice
from census_staff.correspondence.services import say_all
from census_staff.lib import names
from census_staff.lib.errors import Refused
from census_staff.lib.versioned_texts import VersionedText, read_versioned_text
from census_staff.people.models import Person

from .models import Pledge, PledgeText, Staff
from .pledge_pdf import SignedPledge, pledge_pdf

SHIPPED = Path(__file__).parent / "content" / "pledge_zh.md"
ROLES = ("supervisor", "enumerator")
MOST_BYTES = 60_000
MOST_PIXELS = 2_000_000
# A dot or a slip of the finger is no signature.
LEAST_INK = 120


@dataclass(frozen=True, slots=True)
class Signature:
    """How somebody signed: a drawing as PNG, or the full name as typed; and on what device."""

    drawing: bytes = b""
    typed_name: str = ""
    device: str = ""


def load_pledge_text(census: Census, *, actor: Any) -> int:
    """Return for how many roles the shipped text was new; roles that have a text keep theirs."""
    shipped, made = read_versioned_text(SHIPPED), 0
    for role in ROLES:
        with acting(actor, reason="load_pledge"):
            if not PledgeText.objects.filter(census=census, role=role).exists():
                _publish(census, role, shipped.title, shipped.body, actor)
                made += 1
    return made


def publish_text(
    census: Census, role: str, *, title: str, body: str, ask_again: bool, actor: Any
) -> PledgeText:
    """Return the new version of the text. With `ask_again` everybody is asked to sign it;
    without, earlier signatures go on counting."""
    body = body.replace("\r\n", "\n").strip()
    if role not in ROLES or not title.strip() or not body:
        raise Refused("pledge_empty", _("The pledge needs a title and a text."), field="body")
    with acting(actor, reason="publish_pledge"):
        earlier = PledgeText.objects.filter(census=census, role=role)
        if ask_again:
            # Their evidence ends with this: stand in the queue of everybody who asks about it.
            signers = Pledge.objects.filter(text__in=earlier, text__superseded_at=None)
            people = list(signers.values_list("person", flat=True).distinct())
            Person.objects.filter(pk__in=people).lock()
            earlier.filter(superseded_at=None).update(superseded_at=timezone.now())
        text = _publish(census, role, title.strip(), body, actor)
        if ask_again:
            _tell(people, census, text)
        record(
            "pledge.published",
            actor=actor,
            subject="recruitment_pledgetext",
            subject_id=text.pk,
            census_id=census.pk,
            details={"role": role, "version": text.version, "ask_again": ask_again},
        )
        return text


def text_for(staff: Staff) -> PledgeText | None:
    """Return the text that is asked of this person now: the newest that stands."""
    rows = PledgeText.objects.filter(census=staff.census_id, role=staff.role, superseded_at=None)
    return rows.order_by("-version").first()


def pledge_of(staff: Staff) -> Pledge | None:
    """Return the signature that counts for this record, or None."""
    rows = Pledge.objects.filter(
        person=staff.person_id,
        census=staff.census_id,
        role=staff.role,
        void=None,
        text__superseded_at=None,
    )
    return rows.select_related("text").order_by("-pk").first()


def may_not_sign(staff: Staff) -> Refused | None:
    """Return why this person cannot sign now, or None.

    Who is trained may sign, before or after the exam: the training is what the text refers to.
    """
    if staff.service not in ("appointed", "on_duty"):
        return Refused("not_appointed", _("Only people who serve in this census sign the pledge."))
    if not Staff.objects.filter(pk=staff.pk).meeting("trained").exists():
        return Refused("not_trained", _("Complete the required training first; then you can sign."))
    return None


def sign(staff: Staff, *, sha256: str, signature: Signature, actor: Any) -> Pledge:
    """Return the signature under the text whose hash the person saw; twice is once."""
    drawing = checked_drawing(signature.drawing) if signature.drawing else b""
    with acting(actor, reason="sign_pledge"):
        Person.objects.filter(pk=staff.person_id).lock()
        if refused := may_not_sign(staff):
            raise refused
        text = text_for(staff)
        if text is None:
            raise Refused("no_pledge_text", _("No pledge has been published for you yet."))
        if (signed := pledge_of(staff)) and signed.text_id == text.pk:
            return signed
        if sha256 != text.sha256:
            raise Refused(
                "pledge_changed",
                _("The pledge has a new version. Please read it and sign once more."),
            )
        typed = "" if drawing else _same_name(signature.typed_name, staff.person)
        return Pledge.objects.create(
            person_id=staff.person_id,
            census_id=staff.census_id,
            role=staff.role,
            office_id=staff.office_id,
            text=text,
            text_sha256=text.sha256,
            signature_kind="drawn" if drawing else "typed",
            drawing=drawing or None,
            typed_name=typed,
            device=signature.device[:300],
            signed_at=timezone.now(),
        )


def checked_drawing(data: bytes) -> bytes:
    """Return a drawn signature as a clean PNG of its own pixels, or refuse it."""
    if len(data) > MOST_BYTES:
        raise Refused("signature_too_large", _("The signature is too large. Please draw it anew."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(data), formats=("PNG",)) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise ValueError("too many pixels")
                layer = opened.convert("RGBA")
    except Exception as error:  # decoders fail in many ways, and every one means the same here
        raise Refused(
            "signature_unreadable", _("The signature cannot be read. Please draw it anew.")
        ) from error
    ground = Image.new("RGBA", layer.size, "white")
    flat = Image.alpha_composite(ground, layer).convert("L")
    # Pixels alone go on, and few levels of grey: whatever else the file carried stays behind.
    if sum(flat.histogram()[:128]) < LEAST_INK:
        raise Refused("signature_empty", _("The box is empty. Please write your full name in it."))
    out = io.BytesIO()
    flat.quantize(8).save(out, "PNG", optimize=True)
    return out.getvalue()


def pledge_document(pledge: Pledge, staff: Staff) -> bytes:
    """Return the signed pledge as a PDF."""
    return pledge_pdf(
        SignedPledge(
            title=pledge.text.title,
            version=str(pledge.text.version),
            census=staff.census.name,
            office=pledge.office.name,
            text=pledge.text.body,
            text_sha256=pledge.text_sha256,
            full_name=staff.person.name,
            signed_at=staff.census.local(pledge.signed_at),
            device=pledge.device,
            signature=bytes(pledge.drawing or b""),
            typed_name=pledge.typed_name,
        ),
        made_at=timezone.now(),
    )


def as_read(text: PledgeText) -> VersionedText:
    """Return the text with its paragraphs and items apart, for a page."""
    return VersionedText(text.title, str(text.version), "zh-Hans", text.body)


def _publish(census: Census, role: str, title: str, body: str, actor: Any) -> PledgeText:
    # Two publishers at once take different versions.
    Census.objects.select_for_update(no_key=True).get(pk=census.pk)
    rows = PledgeText.objects.filter(census=census, role=role)
    version = (rows.aggregate(last=Max("version"))["last"] or 0) + 1
    whole = "\n".join((title, str(version), body))
    return PledgeText.objects.create(
        census=census,
        role=role,
        version=version,
        title=title,
        body=body,
        sha256=hashlib.sha256(whole.encode()).hexdigest(),
        published_at=timezone.now(),
        published_by_id=actor.pk,
    )


def _tell(people: list[int], census: Census, text: PledgeText) -> None:
    say_all(
        Notice(
            kind="pledge_renewed",
            person_id=person,
            census=census,
            facts={"version": text.version},
            due_at=text.published_at,
            once_key=f"pledge:{text.pk}:{person}",
        )
        for person in people
    )


def _same_name(typed: str, person: Person) -> str:
    try:
        name = names.parse(typed)
    except Refused:
        name = ""
    if name != person.name:
        raise Refused(
            "wrong_name",
            _("Type your full name exactly as it stands in the roster."),
            field="typed_name",
        )
    return name
