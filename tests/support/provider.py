"""A small strict OpenID provider: it checks what a client must do, and can lie where told to."""

import base64
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

CLIENT, SECRET = "openfit", "a secret: with/odd&signs"


class Provider:
    """`claims` is what it says of who signs in; `lie` changes one thing that it should not."""

    def __init__(self) -> None:
        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())
        self.claims = {"sub": "u-1", "email": "ann@example.org", "email_verified": True}
        self.details: dict | None = None  # answered by userinfo
        self.lie: str | None = None
        self.algorithm, self.key_id = "RS256", "first"
        self.codes: dict[str, dict] = {}
        self.asked: list[str] = []
        handler = type("Handler", (Answers,), {"provider": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def authorize(self, address: str) -> str:
        """Sign in as a browser that was sent here; the address that it is sent back to."""
        parts = urlsplit(address)
        query = {name: value for name, [value] in parse_qs(parts.query).items()}
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.issuer}/authorize"
        assert (query["response_type"], query["client_id"]) == ("code", CLIENT)
        assert query["code_challenge_method"] == "S256" and "openid" in query["scope"].split()
        assert min(len(query["state"]), len(query["nonce"])) >= 22
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        back = {"code": code, "state": query["state"], "iss": self.issuer}
        return f"{query['redirect_uri']}?{urlencode(back)}"

    def metadata(self) -> dict:
        issuer = self.issuer + ("/other" if self.lie == "issuer of metadata" else "")
        plain = "http://example.org/token" if self.lie == "no encryption" else None
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": plain or f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            **({"userinfo_endpoint": f"{self.issuer}/me"} if self.details is not None else {}),
        }

    def jwks(self) -> dict:
        shown = [
            (jwt.algorithms.RSAAlgorithm.to_jwk(self.rsa.public_key()), "RS256"),
            (jwt.algorithms.ECAlgorithm.to_jwk(self.ec.public_key()), "ES256"),
        ]
        return {
            "keys": [
                json.loads(key) | {"kid": self.key_id + alg, "use": "sig", "alg": alg}
                for key, alg in shown
            ]
        }

    def token(self, form: dict[str, str], authorization: str) -> dict | None:
        """RFC 6749 section 4.1.3 and RFC 7636 section 4.6; None is a refusal."""
        kind, _, said = authorization.partition(" ")
        name, _, secret = base64.b64decode(said).decode().partition(":")
        asked = self.codes.pop(form.get("code", ""), None)
        if kind != "Basic" or (unquote(name), unquote(secret.replace("+", " "))) != (
            CLIENT,
            SECRET,
        ):
            return None
        if asked is None or form["redirect_uri"] != asked["redirect_uri"]:
            return None
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
            return None
        return {"access_token": "at", "token_type": "Bearer", "id_token": self.statement(asked)}

    def statement(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        usual = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300}
        claims = usual | {"nonce": asked["nonce"]} | self.claims
        claims |= {
            "issuer": {"iss": "https://elsewhere.example"},
            "audience": {"aud": "another"},
            "several audiences": {"aud": [CLIENT, "another"]},
            "party": {"aud": [CLIENT, "another"], "azp": "another"},
            "over": {"iat": now - 900, "exp": now - 600},
            "nonce": {"nonce": "of another sign-in"},
            "no nonce": {"nonce": None},
        }.get(self.lie or "", {})
        headers = {"kid": self.key_id + self.algorithm}
        if self.lie == "none":
            return jwt.encode(claims, None, "none", headers)
        if self.lie == "secret as key":
            return jwt.encode(claims, SECRET.encode() * 2, "HS256", headers)
        if self.lie == "another key":
            other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            return jwt.encode(claims, other, "RS256", headers)
        if self.lie == "unknown key":
            return jwt.encode(claims, self.rsa, "RS256", {"kid": "unknown"})
        key = self.rsa if self.algorithm == "RS256" else self.ec
        return jwt.encode(claims, key, self.algorithm, headers)


class Answers(BaseHTTPRequestHandler):
    provider: Provider

    def log_message(self, *_):
        pass

    def do_GET(self):  # noqa: N802
        self.provider.asked.append(self.path)
        if self.provider.lie == "redirect":
            self.send_response(302)
            self.send_header("Location", f"{self.provider.issuer}/elsewhere")
            self.end_headers()
        elif self.provider.lie == "no object":
            self.say(b"[]")
        elif self.provider.lie == "endless":
            self.say(b'{"x": "' + b"x" * 1_000_000 + b'"}')
        elif self.path == "/.well-known/openid-configuration":
            self.say(json.dumps(self.provider.metadata()).encode())
        elif self.path == "/jwks":
            self.say(json.dumps(self.provider.jwks()).encode())
        elif self.path == "/me" and self.headers["authorization"] == "Bearer at":
            self.say(json.dumps(self.provider.details).encode())
        elif self.path.startswith("/authorize?"):  # a browser that was sent here; it is let in
            self.send_response(302)
            self.send_header("Location", self.provider.authorize(self.provider.issuer + self.path))
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self.say(b"{}", 404)

    def do_POST(self):  # noqa: N802
        size = int(self.headers["content-length"])
        form = {name: value for name, [value] in parse_qs(self.rfile.read(size).decode()).items()}
        answer = self.provider.token(form, self.headers.get("authorization", ""))
        self.say(json.dumps(answer or {"error": "invalid_grant"}).encode(), 200 if answer else 400)

    def say(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
