"""The paths of cards: the public's, the office's, the holder's, and the programs'."""

from django.urls import path

from . import api, public_views
from .views import batches, ledger, phone, reissues

_MY = "my/<str:census_code>/card/"

urlpatterns = [
    path("v/", public_views.look_up, name="look_up"),
    path("v/<path:token>", public_views.verify, name="verify"),
    path("V/<path:token>", public_views.verify),
    path("cards/", ledger.card_ledger, name="card_ledger"),
    path("cards/<int:pk>/", ledger.card_detail, name="card_detail"),
    path("cards/<int:pk>/steps/<slug:name>/", ledger.card_step, name="card_step"),
    path("cards/<int:pk>/lift/", ledger.confiscation_lift, name="confiscation_lift"),
    path("cards/number/<int:pk>/", ledger.card_number, name="card_number"),
    path("cards/hand-over/", ledger.card_hand_over, name="card_hand_over"),
    path("cards/batches/", batches.card_batches, name="card_batches"),
    path("cards/batches/new/", batches.card_batch_new, name="card_batch_new"),
    path("cards/batches/<int:pk>/", batches.card_batch, name="card_batch"),
    path(
        "cards/batches/<int:pk>/progress/",
        batches.card_batch_progress,
        name="card_batch_progress",
    ),
    path("cards/batches/<int:pk>/print/", batches.card_batch_print, name="card_batch_print"),
    path(
        "cards/batches/<int:pk>/files/<int:part>/", batches.card_batch_file, name="card_batch_file"
    ),
    path(
        "cards/batches/<int:pk>/receipts/",
        batches.card_batch_receipts,
        name="card_batch_receipts",
    ),
    path(
        "cards/batches/<int:pk>/proof/<slug:side>/",
        batches.card_batch_proof,
        name="card_batch_proof",
    ),
    path("cards/reissues/", reissues.reissue_list, name="reissue_list"),
    path("cards/reissues/<int:pk>/<slug:answer>/", reissues.reissue_decide, name="reissue_decide"),
    path(_MY, phone.phone_card, name="phone_card"),
    path(f"{_MY}photo/", phone.phone_card_photo, name="phone_card_photo"),
    path(f"{_MY}loss/", phone.phone_card_loss, name="phone_card_loss"),
    path("api/verify/<path:token>", api.VerifyCard.as_view(), name="verify_json"),
    path("api/cards/", api.CardList.as_view(), name="api_cards"),
    path("api/cards/number/", api.CardNumbering.as_view(), name="api_card_number"),
    path("api/cards/<int:pk>/", api.CardDetail.as_view(), name="api_card"),
    path("api/cards/<int:pk>/steps/<slug:name>/", api.CardStep.as_view(), name="api_card_step"),
    path("api/my/<str:census_code>/card/", api.OwnCard.as_view(), name="api_own_card"),
]
