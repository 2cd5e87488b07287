"""The pledge: read and signed on the phone, written and renewed in the office."""

import base64
import binascii
from typing import Any

from django.contrib import messages
from django.db.models import Count, F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from census_staff.accounts.gate import remedy
from census_staff.accounts.web import office_page, present_census
from census_staff.censuses.models import Census
from census_staff.lib.errors import Refused
from recruitment import pledges
from recruitment.models import PledgeText
from recruitment.phone_forms import PledgeForm, PledgeTextForm
from recruitment.pledges import Signature

from .phone import own_staff

PNG = "data:image/png;base64,"


@remedy
@require_http_methods(["GET", "POST"])
@never_cache
def phone_pledge(request: HttpRequest, census_code: str) -> HttpResponse:
    """Show the pledge to read and sign, or the signature that counts."""
    staff = own_staff(request)
    signed, refusal = pledges.pledge_of(staff), None
    form = PledgeForm(request.POST or None)
    if request.method == "POST":
        try:
            if not form.is_valid():
                raise Refused("not_agreed", _("Tick that you have read the whole text."))
            pledges.sign(
                staff,
                sha256=form.cleaned_data["sha256"],
                signature=_signature(request, form.cleaned_data),
                actor=request.user,
            )
        except Refused as refused:
            refusal = refused
        else:
            messages.success(request, _("Signed. Text, signature and time are kept together."))
            return redirect("phone_pledge", census_code)
    text = pledges.text_for(staff)
    shown = signed.text if signed else text
    context = {
        "staff": staff,
        "signed": signed,
        "text": text,
        "read": pledges.as_read(shown) if shown else None,
        "refusal": refusal,
        "locked": None if signed else pledges.may_not_sign(staff),
        # A text that changed in between has not been read.
        "agreed": bool(refusal and refusal.code != "pledge_changed" and request.POST.get("agreed")),
        "typed_name": request.POST.get("typed_name", ""),
        "today": timezone.localdate(),
        "census_code": census_code,
    }
    status = 409 if refusal else 200
    return render(request, "recruitment/phone/pledge.html", context, status=status)


@remedy
@require_GET
@never_cache
def phone_pledge_pdf(request: HttpRequest, census_code: str) -> HttpResponse:
    """Answer with the person's own signed pledge as a PDF."""
    staff = own_staff(request)
    signed = pledges.pledge_of(staff)
    if signed is None:
        raise Http404
    answer = HttpResponse(pledges.pledge_document(signed, staff), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="pledge-{signed.pk}.pdf"'
    return answer


@office_page("census.view")
@require_GET
def pledge_texts(request: HttpRequest) -> HttpResponse:
    """Show the versions of the pledge in the present census, and how many signed each."""
    rows = PledgeText.objects.filter(census=present_census(request))
    rows = rows.annotate(signed=Count("pledges", filter=Q(pledges__void=None)))
    rows = rows.order_by("role", F("version").desc()).select_related("published_by")
    return render(request, "recruitment/pledge_texts.html", {"texts": rows})


@office_page("census.change")
@require_http_methods(["GET", "POST"])
def pledge_text_new(request: HttpRequest) -> HttpResponse:
    """Publish a new version of the pledge."""
    census = present_census(request)
    _require_reach(request, census)
    form = PledgeTextForm(request.POST or None, initial=_start(census, request.GET.get("role", "")))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            pledges.publish_text(
                census,
                said["role"],
                title=said["title"],
                body=said["body"],
                ask_again=said["ask_again"],
                actor=request.user,
            )
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("The new version is published."))
            return redirect("pledge_texts")
    return render(request, "recruitment/pledge_text_new.html", {"form": form})


def _signature(request: HttpRequest, said: dict[str, Any]) -> Signature:
    drawing = b""
    if said["drawing"].startswith(PNG):
        try:
            drawing = base64.b64decode(said["drawing"][len(PNG) :], validate=True)
        except binascii.Error as error:
            raise Refused(
                "signature_unreadable", _("The signature cannot be read. Please draw it anew.")
            ) from error
    return Signature(drawing, said["typed_name"], request.headers.get("User-Agent", "")[:300])


def _start(census: Census, role: str) -> dict[str, str]:
    role = role if role in pledges.ROLES else "enumerator"
    last = PledgeText.objects.filter(census=census, role=role).order_by("-version").first()
    return {"role": role, "title": last.title if last else "", "body": last.body if last else ""}


def _require_reach(request: HttpRequest, census: Census) -> None:
    """Refuse whose posting is bound to another census."""
    reach = request.user.reach("census.change")  # type: ignore[union-attr]
    if not any(bound in (None, census.pk) for _path, bound in reach):
        raise Refused("not_in_role", _("Your role does not include this."))
