"""Uploads on their way in: too large for memory, they lie on the disk without a name.

Whatever becomes of the request, of the disk or of us, nothing of them stays behind in clear.
"""

import tempfile
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler


class NamelessUploadHandler(TemporaryFileUploadHandler):
    """Keeps what arrives in a file that no directory knows."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin the file."""
        # Not the parent's method, which would give the file a name.
        super(TemporaryFileUploadHandler, self).new_file(*args, **kwargs)
        self.file = UploadedFile(  # type: ignore[assignment]
            tempfile.TemporaryFile(),  # noqa: SIM115 - the request closes it
            self.file_name,
            self.content_type,
            0,
            self.charset,
            self.content_type_extra,
        )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write what came; on a full disk give back at once what was taken."""
        try:
            self.file.write(raw_data)
        except OSError:
            self.upload_interrupted()
            raise

    def upload_interrupted(self) -> None:
        """Forget the file."""
        if hasattr(self, "file"):
            try:
                self.file.close()
            except OSError:
                return
