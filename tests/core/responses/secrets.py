"""Made-up secrets of every kind, with the words that people put around them."""

import string

from hypothesis import strategies as st

from core.responses.sensitive import Kind

LETTERS, DIGITS = string.ascii_lowercase, string.digits
ALNUM = LETTERS + string.ascii_uppercase + DIGITS


def _text(alphabet: str, low: int, high: int) -> st.SearchStrategy[str]:
    return st.text(alphabet=alphabet, min_size=low, max_size=high)


def _card(start: str) -> str:
    """Return `start` with its check digit (Luhn)."""
    digits = [int(sign) for sign in start][::-1]
    total = sum(sum(divmod(2 * digit, 10)) for digit in digits[::2]) + sum(digits[1::2])
    return f"{start}{-total % 10}"


def _around(secret: st.SearchStrategy[str], *frames: str) -> st.SearchStrategy[tuple[str, str]]:
    """Return (secret, sentence that holds it)."""
    return st.tuples(secret, st.sampled_from(frames)).map(
        lambda drawn: (drawn[0], drawn[1].replace("@@", drawn[0]))
    )


# In two pieces, because no path of a person's folder stands in this project.
HOME = "/" + "home/"
# Rare letters first, so that no drawn name is a word of the prompt by chance.
NAME = st.builds("zq{}{}".format, _text(LETTERS, 2, 8), _text(LETTERS, 1, 4))
LABEL = st.builds("zx{}".format, _text(LETTERS, 1, 8))
DOMAIN = st.builds(
    "{}.{}.{}".format,
    LABEL,
    LABEL,
    st.sampled_from(["com", "de", "local", "internal", "io", "company"]),
)
TOKEN = st.builds(
    "{}{}".format,
    st.sampled_from(
        ["hf_", "sk-", "sk-proj-", "ghp_", "github_pat_", "glpat-", "xoxb-", "AKIA", "AIza"]
    ),
    _text(ALNUM, 16, 36),
)
WORD = st.builds("zq{}".format, _text(LETTERS, 2, 8))
PASSWORD = st.one_of(
    st.builds("{}{}{}".format, _text(LETTERS, 4, 8), _text(DIGITS, 2, 4), st.sampled_from("!%*#+")),
    WORD,
    WORD.map(str.capitalize),
    st.builds("{}!".format, WORD.map(str.capitalize)),
    st.builds("{}{}{}".format, WORD, st.sampled_from("!%*#+.'&|-"), WORD),
)
# Without a sign that ends an address or is another's part of a command.
PLAIN_PASSWORD = st.one_of(WORD, st.builds("{}{}!".format, WORD, _text(DIGITS, 1, 3)))
# The first word is now and then one that could say how a password is.
PASSPHRASE = st.builds(
    "{} {}{}".format,
    st.sampled_from(["zqblue", "correct", "always", "the", "this is my"]),
    st.lists(WORD, min_size=3, max_size=5).map(" ".join),
    st.sampled_from(["", "!"]),
)
KEY_BODY = _text(ALNUM + "+/", 40, 64).map("zq{}".format)
# Loopback is where the servers of the tests listen, and every request names its server.
IPV4 = st.ip_addresses(v=4).filter(lambda address: not address.is_loopback).map(str)
IPV6 = st.ip_addresses(v=6, network="2001:db8::/32").map(str)
HOST = st.one_of(
    st.builds("{}-{}".format, LABEL, _text(DIGITS, 1, 3)),
    st.builds("{}{:02d}".format, LABEL, st.integers(1, 99)),
    DOMAIN,
)
VM_ID = st.one_of(
    st.builds("vm-{:03d}".format, st.integers(0, 999)),
    st.builds("VM_{}".format, st.integers(10, 99999)),
    st.builds("i-0{}".format, _text("0123456789abcdef", 16, 16)),
    st.uuids().map(str),
)
PHONE = st.one_of(
    st.builds("+49 {} {}".format, st.integers(30, 999), st.integers(1_000_000, 9_999_999)),
    st.builds("0{}/{}".format, st.integers(30, 999), st.integers(100_000, 9_999_999)),
    st.builds(
        "({}) {}-{}".format, st.integers(201, 989), st.integers(200, 999), st.integers(1000, 9999)
    ),
)
CARD = st.builds("4{:014d}".format, st.integers(0, 10**14 - 1)).map(_card)
SPACED_CARD = CARD.map(lambda card: " ".join(card[i : i + 4] for i in range(0, 16, 4)))

PLANTED: dict[str, tuple[Kind, st.SearchStrategy[tuple[str, str]]]] = {
    "e-mail": (
        "EMAIL",
        _around(
            st.builds("{}.{}@{}".format, NAME, NAME, DOMAIN),
            "write to @@ when done",
            "<@@>",
            "mail:@@,",
            "reported by @@.",
        ),
    ),
    "IPv4": (
        "IP",
        _around(IPV4, "cannot reach @@ from here", "(@@)", "on @@:8080", "http://@@/x", "@@/24"),
    ),
    "IPv6": ("IP", _around(IPV6, "ping6 @@ fails", "http://[@@]:80/", "address @@, since noon")),
    "host": (
        "HOST",
        _around(
            HOST, "@@ is slow", "ssh to @@ hangs", "Host @@ is down", "https://@@/login", "on @@."
        ),
    ),
    "VM id": (
        "HOST",
        _around(VM_ID, "@@ keeps restarting", "see (@@)", "vm_id=@@", "the disk of @@ fills up"),
    ),
    "user": (
        "USER",
        _around(
            NAME,
            "user @@ cannot log in",
            "username=@@",
            HOME + "@@/app.log is huge",
            "C:\\Users\\@@\\x",
            "CORP\\@@ was locked",
            "uid=1000(@@)",
            "logged in as @@",
        ),
    ),
    "token": (
        "SECRET",
        _around(
            TOKEN,
            "the token @@ is refused",
            "export HF_TOKEN=@@",
            "Authorization: Bearer @@",
            '"key": "@@"',
        ),
    ),
    "password": (
        "SECRET",
        _around(
            PASSWORD,
            "password: @@",
            "password is @@",
            "passwort=@@",
            'pwd="@@"',
            "--password @@",
            "DB_PASSWORD=@@",
            "PGPASSWORD=@@ psql",
            "my password is: @@",
            "Passwort: “@@”",
            "<password>@@</password>",
            '<add key="Password" value="@@"/>',
            "- name: DB_PASSWORD\n  value: @@",
            '$password = ConvertTo-SecureString "@@" -AsPlainText',
            'ALTER USER app PASSWORD "@@"',
            'CREATE USER app IDENTIFIED BY "@@"',
            "Cookie: theme=dark; session=@@",
            "Server=x;User Id=sa;Password=@@;",
        ),
    ),
    "password of several words": (
        "SECRET",
        _around(
            PASSPHRASE,
            "password: @@",
            "my password is: @@",
            "The passphrase = @@, it stopped working",
            'password "@@"',
            'password="@@"',
            "<db:password>@@</db:password>",
            '<add key="DbPassword" value="@@" />',
        ),
    ),
    "password of a command": (
        "SECRET",
        _around(
            PLAIN_PASSWORD,
            "curl -u admin:@@ https://x",
            "curl --user 'admin:@@' https://x",
            "mysql -uroot -p@@",
            "mysqldump -h db -p'@@' all",
            "sshpass -p @@ ssh x",
            "redis-cli -a @@ ping",
            "docker login -u me -p @@",
        ),
    ),
    "private key": (
        "SECRET",
        _around(
            KEY_BODY,
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n@@\n-----END PGP PRIVATE KEY BLOCK-----",
            "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n@@\n"
            "---- END SSH2 ENCRYPTED PRIVATE KEY ----",
            "-----BEGIN RSA PRIVATE KEY-----\n@@\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN OPENSSH PRIVATE KEY-----\n@@",
        ),
    ),
    "signature or hash": (
        "SECRET",
        _around(
            _text(ALNUM + "./", 20, 60),
            "root:$6$abcd$@@:19000:0:99999",
            "bob:$apr1$@@",
            "https://x/y?sv=2024&sig=@@%3D",
        ),
    ),
    "password in an address": (
        "SECRET",
        _around(
            PLAIN_PASSWORD,
            "postgres://svc:@@@db/x",
            "https://me:@@@example.org/",
            "git clone https://@@@git/x",
        ),
    ),
    "phone": ("PHONE", _around(PHONE, "call @@ any time", "Tel. @@", "reach me at @@.")),
    "card": (
        "CARD",
        _around(st.one_of(CARD, SPACED_CARD), "paid with @@", "card @@ was charged", "(@@)"),
    ),
}


@st.composite
def planted(draw: st.DrawFn) -> tuple[list[str], str]:
    """Return (secrets, a text in which one of each of some kinds stands)."""
    kinds = draw(st.lists(st.sampled_from(sorted(PLANTED)), min_size=1, max_size=6, unique=True))
    drawn = [draw(PLANTED[kind][1]) for kind in kinds]
    glue = draw(st.sampled_from([" ", "\n", ". ", ", then ", "\n- "]))
    return [secret for secret, _ in drawn], glue.join(sentence for _, sentence in drawn)
