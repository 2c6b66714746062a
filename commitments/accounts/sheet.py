"""Setting up the people of a secretariat and their offices at once, all or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from commitments.access import policies
from commitments.accounts.account_requests import request_change, twin_problems
from commitments.accounts.changes import AccountChanges
from commitments.accounts.words import language_label, role_labels
from commitments.choices import Role
from commitments.curation.recording import begin_change, record_edits
from commitments.exceptions import InvalidInput, NotPermitted, Problem
from commitments.models import AccountRequest, Office
from commitments.roles import folded_address
from commitments.texts.languages import best_match, canonical_tag, interface_tag
from commitments.texts.lists import COMMAS, ITEMS, join_list
from commitments.texts.scripts import folded
from commitments.texts.text import Text
from commitments.workflow.reasons import reason_problems

# The columns that are copied to a new account.
NAMED_COLUMNS = ("last_name", "first_name", "email")
# The columns that say something about a person.
PERSON_COLUMNS = (*NAMED_COLUMNS, "roles", "language")


@dataclass(frozen=True)
class PersonRow:
    """A person of a sheet with their roles and offices, each by its code or name, and the language
    of mails to them, by its tag; without a user name, an office alone. `office_name` is that of a
    new office."""

    number: int
    username: str
    last_name: str
    first_name: str
    email: str
    roles: Sequence[str]
    offices: Sequence[str]
    office_name: Text
    language: str = ""


@dataclass
class Staffing:
    """What a sheet sets up: new offices, new accounts with their roles, the languages of mails to
    some of them (codes of the settings, by user name), and who joins which office. `left` lists
    where the sheet differs from existing accounts, which stay as they are. `requests` are filled in
    when the sheet is saved: those that made the accounts or wait for a second administrator."""

    offices: list[Office] = field(default_factory=list)
    accounts: list[tuple[User, list[Role]]] = field(default_factory=list)
    languages: dict[str, str] = field(default_factory=dict)
    joins: list[tuple[User, Office]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    left: list[Problem] = field(default_factory=list)
    requests: list[AccountRequest] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.offices or self.accounts or self.joins)


def planned_staffing(rows: Iterable[PersonRow]) -> Staffing:
    """Return what these rows would set up and, with the row number and the column, what is wrong
    with them or stays as it is. Nothing is saved.

    An existing account stays as it is, except that its person joins the offices of the row.
    """
    return _Planner().plan(rows)


def save_staffing(rows: Iterable[PersonRow], *, by: User, at: datetime, reason: str) -> Staffing:
    """Set up what these rows say, all or nothing. New accounts have no password: each person sets
    their own. `reason` is that of new offices, which are public.

    Raise NotPermitted if `by` is no administrator, and InvalidInput if a row is wrong or a reason
    is missing.
    """
    if not policies.may_manage_accounts(by):
        raise NotPermitted(_("Only an administrator may make accounts."))
    with transaction.atomic():
        change = begin_change(by, at, reason)
        planned = planned_staffing(rows)
        if planned.offices:
            planned.problems += reason_problems(reason)
        if planned.problems:
            raise InvalidInput(_("Nothing was saved."), planned.problems)
        for office in planned.offices:
            office.save()
        record_edits(planned.offices, change)
        for user, roles in planned.accounts:
            changes = _changes_for(user, roles, planned)
            planned.requests.append(
                request_change(None, changes, by=by, at=at, reason=change.reason)
            )
        for user, office in planned.joins:
            if user.pk is not None:
                office.members.add(user)
                # Logged as the admin would: members are not public, so there is no decision. The
                # name is left out, because it could not be erased with the person.
                words = _("A member joined.")
                LogEntry.objects.log_actions(by.pk, [office], CHANGE, words, single_object=True)
    return planned


def _changes_for(user: User, roles: Iterable[Role], planned: Staffing) -> AccountChanges:
    """Return the values for a new account; its person joins the offices once the account is
    made."""
    changes: AccountChanges = {
        "username": user.username,
        "last_name": user.last_name,
        "first_name": user.first_name,
        "email": user.email,
        "is_active": True,
        "is_superuser": False,
        "roles": sorted(role.value for role in roles),
        "offices": [office.code for person, office in planned.joins if person is user],
    }
    if user.username in planned.languages:
        changes["language"] = planned.languages[user.username]
    return changes


class _Planner:
    """Makes unsaved offices and accounts from rows. Existing ones are read once."""

    def __init__(self) -> None:
        self.staffing = Staffing()
        self.offices: dict[str, Office] = {}
        self.named: dict[str, set[str]] = defaultdict(set)
        for office in Office.objects.all():
            self._know(office)
        self.users = {
            user.username: user
            for user in User.objects.select_related(
                "mail_preference", "service_account"
            ).prefetch_related("offices", "groups")
        }
        self.named_alike: dict[str, list[User]] = defaultdict(list)
        self.addressed: dict[str, list[User]] = defaultdict(list)
        for user in self.users.values():
            self._know_user(user)
        self.new: set[str] = set()
        self.languages = {interface_tag(code): code for code, _name in settings.LANGUAGES}
        self.roles = {folded(str(word)): role for role in Role for word in (role.value, role.label)}

    def plan(self, rows: Iterable[PersonRow]) -> Staffing:
        for row in rows:
            offices = [self._office(row, name) for name in row.offices]
            roles = [self._role(row, name) for name in row.roles]
            language = self._language(row)
            if not row.username and not row.offices:
                self._problem(row, "username", _("Enter a user name or an office."))
            elif not row.username and any(getattr(row, name) for name in PERSON_COLUMNS):
                self._problem(row, "username", _("Enter the user name of the person."))
            if not row.username:
                continue
            user = self._user(row, [role for role in roles if role], language)
            present = {office.pk for office in user.offices.all()} if user.pk else set()
            self.staffing.joins += [
                (user, office)
                for office in offices
                if office is not None and office.pk not in present
            ]
        return self.staffing

    def _problem(self, row: PersonRow, column: str, sentence: str) -> None:
        self.staffing.problems.append(Problem((row.number, column), sentence))

    def _role(self, row: PersonRow, name: str) -> Role | None:
        role = self.roles.get(folded(name))
        if role is None:
            values = {"name": name, "roles": join_list((role.value for role in Role), ITEMS)}
            self._problem(row, "roles", _("There is no role “%(name)s”: %(roles)s.") % values)
        return role

    def _language(self, row: PersonRow) -> str:
        """Return the language of the settings that the row means, "" if it names none."""
        if not row.language:
            return ""
        tag = canonical_tag(row.language.replace("_", "-"))
        found = best_match(tag, self.languages) if tag else None
        if found is None:
            message = _("Messages are not written in “%(name)s”, but in: %(languages)s.")
            languages = join_list([*self.languages], COMMAS)
            values = {"name": row.language, "languages": languages}
            self._problem(row, "language", message % values)
            return ""
        return self.languages[found]

    def _office(self, row: PersonRow, name: str) -> Office | None:
        """Return the office with this code or name; add it if the row has its name."""
        found = self.offices.get(folded(name))
        codes = self.named.get(folded(name), set())
        if found is None and len(codes) > 1:
            message = _("Several offices have the name %(name)s; give the code of one: %(codes)s.")
            shown = join_list(sorted(codes), ITEMS)
            self._problem(row, "offices", message % {"name": name, "codes": shown})
            return None
        if found is None and codes:
            found = self.offices[folded(min(codes))]
        if found is not None:
            if found.closed_on is not None:
                self._problem(row, "offices", _("Office %(code)s is closed.") % {"code": name})
            return found
        if len(row.offices) != 1 or not row.office_name:
            message = _("There is no office %(name)s; a row with it alone and its name adds it.")
            self._problem(row, "offices", message % {"name": name})
            return None
        office = Office(code=name, name=row.office_name)
        self._check(row, office, {"code": "offices", "name": "office_name"})
        self._know(office)
        self.staffing.offices.append(office)
        return office

    def _know(self, office: Office) -> None:
        """Let later rows name an office by its code or by one of its names."""
        self.offices[folded(office.code)] = office
        for word in office.name.values():
            self.named[folded(word)].add(office.code)

    def _user(self, row: PersonRow, roles: list[Role], language: str) -> User:
        if row.username in self.users:
            if row.username in self.new:
                self._problem(row, "username", _("This user name is in an earlier row already."))
            else:
                self._leave(row, self.users[row.username], roles, language)
            return self.users[row.username]
        named = {name: getattr(row, name) for name in NAMED_COLUMNS}
        user = User(username=row.username, **named)
        user.set_unusable_password()
        self._check(row, user, {})
        changes: AccountChanges = {"username": user.username, "email": user.email}
        for problem in twin_problems(
            user,
            changes,
            self.named_alike[user.username.casefold()],
            self.addressed[folded_address(user.email)],
        ):
            self._problem(row, str(problem.path[0]), problem.message)
        self._know_user(user)
        self.users[row.username] = user
        self.new.add(row.username)
        if language:
            self.staffing.languages[row.username] = language
        self.staffing.accounts.append((user, roles))
        return user

    def _know_user(self, user: User) -> None:
        """Let the check of later rows find an account by its name and its address."""
        self.named_alike[user.username.casefold()].append(user)
        if user.email and user.is_active and not policies.is_service(user):
            self.addressed[folded_address(user.email)].append(user)

    def _leave(self, row: PersonRow, user: User, roles: Iterable[Role], language: str) -> None:
        """Record where the row differs from the existing account."""
        groups = {group.name for group in user.groups.all()}
        held = [role for role in Role if user.is_superuser or role.group in groups]
        differing = [
            (name, getattr(user, name))
            for name in NAMED_COLUMNS
            if getattr(row, name) not in ("", getattr(user, name))
        ]
        if roles and set(roles) != set(held):
            differing.append(("roles", role_labels([role.value for role in held])))
        preference = getattr(user, "mail_preference", None)
        known = preference.language if preference else ""
        if language not in ("", known):
            differing.append(("language", language_label(known)))
        for column, kept in differing:
            sentence = _("The account exists and keeps what it has (%(kept)s).")
            problem = Problem((row.number, column), sentence % {"kept": kept or "–"})
            self.staffing.left.append(problem)

    def _check(self, row: PersonRow, item: Any, columns: dict[str, str]) -> None:
        try:
            item.full_clean()
        except ValidationError as error:
            for name, sentences in error.message_dict.items():
                for sentence in sentences:
                    self._problem(row, columns.get(name, name), sentence)
