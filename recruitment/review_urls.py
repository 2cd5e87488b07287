from django.urls import path

from .views import activation, review

urlpatterns = [
    path("review/", review.review_queue, name="review_queue"),
    path("review/<int:pk>/", review.review_queue, name="review_one"),
    path("review/<int:pk>/decide/", review.review_decide, name="review_decide"),
    path("review/bulk/", review.review_bulk, name="review_bulk"),
    path("review/batches/<int:pk>/", review.review_batch, name="review_batch"),
    path("review/batches/<int:pk>/start/", review.review_batch_start, name="review_batch_start"),
    path("corrections/", review.correction_list, name="correction_list"),
    path("corrections/<int:pk>/<str:answer>/", review.correction_decide, name="correction_decide"),
    path("activation/", activation.activation_home, name="activation_home"),
    path("activation/prepare/", activation.activation_prepare, name="activation_prepare"),
    path("activation/<int:pk>/", activation.activation_batch, name="activation_batch"),
    path("activation/<int:pk>/start/", activation.activation_start, name="activation_start"),
    path(
        "activation/<int:pk>/progress/", activation.activation_progress, name="activation_progress"
    ),
    path("activation/<int:pk>/slips/<int:office>/", activation.slips_open, name="slips_open"),
    path(
        "activation/<int:pk>/slips/<int:office>/again/",
        activation.slips_reprint,
        name="slips_reprint",
    ),
    path("staff/<int:pk>/slip/", activation.slip_print, name="slip_print"),
]
