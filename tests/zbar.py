"""QR codes as zbar reads them: a reader that shares no code with those of the product."""

from PIL import Image
from pypdfium2 import PdfPage
from pyzbar.pyzbar import decode

# zbar overlooks about one sound code in a hundred at any one size; a hand holding a phone moves.
SIZES = (150, 200, 250, 300)


def on_page(page: PdfPage) -> set[str]:
    """Return the texts of the codes on a page, seen from several distances."""
    pictures = (page.render(scale=dpi / 72, grayscale=True).to_pil() for dpi in SIZES)
    return {found.data.decode() for picture in pictures for found in decode(picture)}


def on_picture(picture: Image.Image) -> set[str]:
    """Return the texts of the codes on a picture, seen from several distances."""
    grey = picture.convert("L")
    seen = [grey] + [
        grey.resize((int(grey.width * times), int(grey.height * times))) for times in (0.75, 1.5, 2)
    ]
    return {found.data.decode() for one in seen for found in decode(one)}
