"""What the server of a bench runs: the product with the naive routes beside it."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
