import hashlib

from sensors.capture import tls
from sensors.capture.handshakes import SEALED, TLS_1_0, certificate, client_hello, server_hello

SUBJECT = {"C": "ZZ", "O": "synthetic, of nobody", "CN": "server.example"}


def test_hellos_say_what_they_were_asked_to() -> None:
    asked = tls.read(client_hello("a.example", (0x002F,), versions=(TLS_1_0,)))
    told = tls.read(server_hello(0x002F, version=TLS_1_0) + SEALED)
    assert (asked.version, asked.fields["tls.client.server_name"]) == (TLS_1_0, "a.example")
    assert asked.fields["tls.client.supported_ciphers"] == ["TLS_RSA_WITH_AES_128_CBC_SHA"]
    assert (told.version, told.sealed, told.fields["tls.next_protocol"]) == (TLS_1_0, True, "h2")
    assert tls.agreed(asked, told, same_session=False)["tls.version"] == "1.0"


def test_a_certificate_is_read_as_it_was_made() -> None:
    shown = certificate(SUBJECT, 0x8BB00EE)
    fields = tls.read(server_hello() + shown).fields
    name = "CN=server.example,O=synthetic\\, of nobody,C=ZZ"
    assert (fields["tls.server.subject"], fields["tls.server.issuer"]) == (name, name)
    assert fields["tls.server.x509.serial_number"] == "08BB00EE"
    assert fields["tls.server.not_before"] == "2025-01-01T00:00:00.000Z"
    # Record, message, length of the list and length of the certificate stand before it.
    assert fields["tls.server.hash.sha256"] == hashlib.sha256(shown[15:]).hexdigest().upper()
