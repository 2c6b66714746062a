"""The staff and the publishers of a generated record."""

from django.contrib.auth.models import Group, User

from commitments.accounts import record_command
from commitments.choices import Role
from commitments.models import Office, Publisher
from commitments.texts.text import Text

STAFF = {Role.REPORTER: 3, Role.REVIEWER: 2, Role.CURATOR: 1}
CITIES = ("Harbour", "Island", "River", "Mountain", "Valley", "Delta", "Bay", "Lake")


def create_staff(at):
    """Create the accounts, recorded in the ledger; nobody signs in with a password."""
    for role, count in STAFF.items():
        for number in range(1, count + 1):
            # No password fits.
            user = User(username=f"{role}-{number}", date_joined=at, password="!")
            user.save()
            user.groups.add(Group.objects.get(name=role.group))
            record_command(user, changed="account", at=at)


def staff(role):
    """Return the accounts that `create_staff` made for a role."""
    return list(User.objects.filter(groups__name=role.group).order_by("pk"))


def join_offices():
    for office in Office.objects.all():
        office.members.set(staff(Role.REPORTER))


def create_publishers(count):
    Publisher.objects.bulk_create(
        Publisher(
            key=f"{CITIES[number % len(CITIES)]} Gazette {number}",
            name=Text(
                {
                    "en": f"{CITIES[number % len(CITIES)]} Gazette {number}",
                    "zh": f"第{number}号公报",
                }
            ),
        )
        for number in range(count)
    )
