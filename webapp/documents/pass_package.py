"""A signed ``.pkpass``: files, a manifest of their digests, and the operator's signature of that.

Pure: keys are handed in and nothing is fetched. The format is Apple's "Building
a Pass": SHA-1 digests in the manifest, a detached PKCS #7 signature in DER form
with Apple's intermediate certificate beside the signer's own.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7Options,
    PKCS7SignatureBuilder,
)

from webapp.pass_ports import ApplePassKeys

PKPASS_TYPE = "application/vnd.apple.pkpass"
# The oldest moment that a ZIP file can name: the same pass has the same entries.
_NO_MOMENT = (1980, 1, 1, 0, 0, 0)


def package_pass(
    content: Mapping[str, object], *, pictures: Mapping[str, bytes], keys: ApplePassKeys
) -> bytes:
    """The pass of ``content`` (pass.json) and ``pictures`` by file name."""
    files = {"pass.json": json.dumps(content, ensure_ascii=False).encode(), **pictures}
    # SHA-1 is what the format demands; the signature's own digest is SHA-256.
    digests = {
        name: hashlib.sha1(data, usedforsecurity=False).hexdigest() for name, data in files.items()
    }
    manifest = json.dumps(digests).encode()
    files["manifest.json"] = manifest
    files["signature"] = _sign(manifest, keys)
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _NO_MOMENT), data, zipfile.ZIP_DEFLATED)
    return package.getvalue()


def _sign(manifest: bytes, keys: ApplePassKeys) -> bytes:
    """The signature, with its moment among the signed attributes as the format demands."""
    options = [PKCS7Options.DetachedSignature, PKCS7Options.Binary, PKCS7Options.NoCapabilities]
    return (
        PKCS7SignatureBuilder()
        .set_data(manifest)
        .add_signer(keys.certificate, keys.key, SHA256())
        .add_certificate(keys.intermediate)
        .sign(Encoding.DER, options)
    )
