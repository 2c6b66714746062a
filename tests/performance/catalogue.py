"""The requests that are measured, as data. `{…}` in an address stands for one of `targets`."""

from dataclasses import dataclass

CHINESE_RARE, ENGLISH_WORD, NO_WORD = "灯塔", "lighthouse", "zyxwvut"
# All commitments and most updates have it.
FREQUENT_WORD = "ministry"


@dataclass(frozen=True)
class Request:
    """A request, and the address of the floor that it is compared with; none has floor "". With
    `repeated`, it is sent with the ETag of an earlier answer, with `signed_in` by a reviewer."""

    name: str
    address: str
    floor: str = ""
    repeated: bool = False
    signed_in: bool = False


API = "/api/v1/"
LIST, STATUS = f"{API}commitments/", f"{API}status/"
PAGES, DESK = "/en/", "/admin/"

REQUESTS = (
    Request(
        "list: forum, status",
        LIST + "?forum={forum}&status={status}",
        "/list?forum={forum}&status={status}",
    ),
    Request("list: plan", LIST + "?plan={plan}", "/list?plan={plan}"),
    Request("list: first page", LIST, "/list"),
    Request("list: deep page", LIST + "?page={page}", "/list?page={page}"),
    Request(
        "list: by effective_on", LIST + "?ordering=-effective_on", "/list?ordering=effective_on"
    ),
    Request("list: by last_action", LIST + "?ordering=-last_action", "/list?ordering=last_action"),
    Request("list: by due_on", LIST + "?ordering=due_on", "/list?ordering=due_on"),
    Request("list: by status", LIST + "?ordering=status", "/list?ordering=status"),
    Request("list: by number", LIST + "?ordering=-number", "/list?ordering=number"),
    Request("list: lapsed", LIST + "?freshness=lapsed", "/list"),
    Request("list: overdue", LIST + "?schedule=overdue", "/list"),
    Request("list: dead links", LIST + "?coverage=dead_links", "/list"),
    Request("list: office", LIST + "?office={office}", "/list?office={office}"),
    Request("list: event type", LIST + "?event_type=instrument", "/list"),
    Request("list: acted since", LIST + "?acted_since={acted_since}", "/list"),
    Request("list: words", LIST + "?q=critical+infrastructure", "/list"),
    Request("list: as of", LIST + "?as_of={as_of}", "/list?as_of={as_of}"),
    Request("list: known at", LIST + "?known_at={known_at}", "/list?as_of={as_of}"),
    Request("detail", LIST + "{commitment}/", "/detail?code={commitment}"),
    Request("updates: first page", API + "updates/", "/updates"),
    Request("updates: deep page", API + "updates/?cursor={updates_cursor}", "/updates?deep=1"),
    Request(
        "updates: commitment",
        API + "updates/?commitment={commitment}",
        "/updates?commitment={commitment}",
    ),
    Request("changes: first page", API + "changes/", "/changes"),
    Request("changes: deep page", API + "changes/?cursor={changes_cursor}", "/changes?deep=1"),
    Request("changes: withdrawals", API + "changes/?action=retract", "/changes"),
    Request("evidence: first page", API + "evidence/"),
    Request("evidence: by link", API + "evidence/?link=ok"),
    Request("ledger: first page", API + "ledger/", "/changes"),
    Request("ledger: deep page", API + "ledger/?cursor={ledger_cursor}", "/changes?deep=1"),
    Request(
        "status: plan by goal", STATUS + "?plan={plan}&group_by=goal", "/status?plan={plan}&by=goal"
    ),
    Request(
        "status: plan by forum",
        STATUS + "?plan={plan}&group_by=forum",
        "/status?plan={plan}&by=forum",
    ),
    Request("status: all", STATUS, "/status"),
    Request("status: all by forum", STATUS + "?group_by=forum", "/status?by=forum"),
    Request("status: all as of", STATUS + "?as_of={as_of}", "/status?as_of={as_of}"),
    Request("status: all known at", STATUS + "?known_at={known_at}", "/status?as_of={as_of}"),
    Request(
        "grid: plan by year", STATUS + "grid/?plan={plan}&by=year", "/status?plan={plan}&by=goal"
    ),
    Request(
        "trend: plan by quarter",
        STATUS + "trend/?plan={plan}&by=quarter",
        "/status?plan={plan}&by=goal",
    ),
    Request("page: home", PAGES, "/status"),
    Request("page: overview", PAGES + "{plan}/", "/status?plan={plan}&by=goal"),
    Request("page: commitments", PAGES + "{plan}/commitments/", "/list?plan={plan}"),
    Request(
        "page: commitment", PAGES + "{plan}/commitments/{number}/", "/detail?code={commitment}"
    ),
    Request("page: forums", PAGES + "{plan}/forums/", "/status?plan={plan}&by=forum"),
    Request("page: methodology", PAGES + "{plan}/methodology/"),
    Request("page: search, frequent word", PAGES + "search/?q=" + FREQUENT_WORD),
    Request("search: rare Chinese word", PAGES + "search/?q=" + CHINESE_RARE),
    Request("search: English word", PAGES + "search/?q=" + ENGLISH_WORD),
    Request("search: no such word", PAGES + "search/?q=" + NO_WORD),
    Request("desk: start", DESK, signed_in=True),
    Request("desk: update", DESK + "updates/{update}/", signed_in=True),
    Request("desk: updates", DESK + "commitments/progressupdate/", signed_in=True),
    Request("desk: commitments", DESK + "commitments/commitment/", signed_in=True),
    Request("desk: evidence", DESK + "commitments/evidence/", signed_in=True),
    Request("desk: decisions", DESK + "commitments/decision/", signed_in=True),
    Request("sitemap", "/sitemap.xml"),
    Request("sitemap: plan", "/sitemaps/plans/{plan}.xml"),
    Request("CSV of everything", LIST + "export/?format=csv", "/csv"),
    Request("304: list", LIST + "?plan={plan}", "/unchanged", repeated=True),
    Request("304: status", STATUS, "/unchanged", repeated=True),
)
# Written in this order, each on the update that the first creates.
WRITES = ("create", "submit", "publish")
NAMES = (*(request.name for request in REQUESTS), *(f"write: {name}" for name in WRITES))
