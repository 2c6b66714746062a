"""What a later version breaks of what a release promised, both as `promised.py` writes them."""

from dataclasses import dataclass

# These were 0 where nothing had been counted; there the cells are empty now.
NO_LONGER_ZERO = {
    f"status.findings_{result}" for result in ("shown", "in_part", "not_shown", "against")
}


@dataclass(frozen=True)
class Break:
    """What is broken, in words. It may be if one of `names` was announced and its time is over."""

    words: str
    names: tuple[str, ...] = ()


def broken(before, now, retired=frozenset()):
    """Return what breaks the promise of an earlier release, in words; nothing of what is in
    `retired` (`retired_names`)."""
    breaks = [
        *_operations(before["operations"], now["operations"]),
        *_messages(before["messages"], now["messages"]),
        *_components(before["components"], now["components"]),
        *_tables(before["tables"], now["tables"]),
        *_exports(before["exports"], now["exports"]),
        *_contents(before["contents"], now["contents"]),
        *_contents(before["subjects"], now["subjects"], " of what curators maintain"),
        *_addresses(before["addresses"], now["addresses"]),
    ]
    found = [each.words for each in breaks if retired.isdisjoint(each.names)]
    return found + list(_unversioned(before, now))


def retired_names(deprecations, at):
    """Return the names of what may be gone at a time."""
    return frozenset(_name_of(item) for item in deprecations if item.sunset <= at)


def _name_of(item):
    if item.column:
        return f"table {item.column}"
    return item.part or (f"{item.route}?{item.parameter}" if item.parameter else item.route)


# The API


def _operations(before, now):
    for name, then in before.items():
        route = then["route"]
        if name not in now:
            yield Break(f"{name} is gone", (route,))
            continue
        today = now[name]
        yield from _parameters(name, route, then["parameters"], today["parameters"])
        for media_type, types in then["body"].items():
            taken = today["body"].get(media_type)
            yield from _narrowed(f"{name}, body {media_type}", types, taken, (route,))
        if today["body_required"] and not then["body_required"]:
            yield Break(f"{name} requires a body", (route,))
        for answer, types in then["answers"].items():
            given = today["answers"].get(answer)
            yield from _widened(f"{name}, answer {answer}", types, given, (route,))


def _parameters(operation, route, before, now):
    for parameter in sorted(before.keys() | now.keys()):
        name, then, today = f"{operation}, {parameter}", before.get(parameter), now.get(parameter)
        names = (f"{route}?{parameter.partition(' ')[2]}", route)
        if then:
            taken = today and _repeatable(parameter, today["types"])
            yield from _narrowed(name, then["types"], taken, names)
        if today and today["required"] and not (then and then["required"]):
            yield Break(f"{name} is required now", names)


def _repeatable(parameter, types):
    """Return the types that a parameter takes: one of the query that may be repeated takes what it
    takes once, too."""
    if not parameter.startswith("query "):
        return types
    lists = [name.removeprefix("array of ") for name in types if name.startswith("array of ")]
    return [*types, *(single for names in lists for single in names.split(" or "))]


def _messages(before, now):
    for name, types in before.items():
        yield from _widened(f"message {name}", types, now.get(name), ())


def _components(before, now):
    for name, then in before.items():
        today = now.get(name)
        if today is None or then.keys() != today.keys():
            yield Break(
                f"{name} is {'gone' if today is None else 'another sort of thing'}", (name,)
            )
        elif "keys" in then:
            yield from _keys(name, then["keys"], today["keys"])
        elif "codes" in then:
            gone = [code for code in then["codes"] if code not in today["codes"]]
            yield from (Break(f"{name}.{code} is gone", (f"{name}.{code}", name)) for code in gone)
        else:
            compare = _narrowed if _is_sent(name) else _widened
            yield from compare(name, then["types"], today["types"], (name,))


def _is_sent(component):
    """Return whether a component is what a program sends, not what it gets."""
    return component.endswith("Request")


def _keys(component, before, now):
    sent = _is_sent(component)
    for key in sorted(before.keys() | now.keys()):
        name, then, today = f"{component}.{key}", before.get(key), now.get(key)
        names = (name, component)
        if then:
            compare = _narrowed if sent else _widened
            yield from compare(name, then["types"], today and today["types"], names)
        if sent and today and today["required"] and not (then and then["required"]):
            yield Break(f"{name} is required now", names)
        if not sent and then and today and then["required"] and not today["required"]:
            yield Break(f"{name} may be missing now", names)


def _narrowed(name, before, now, names):
    """Yield that what a program sends is not taken any more."""
    yield from _retyped(name, before, now, names, now is not None and set(before) <= set(now))


def _widened(name, before, now, names):
    """Yield that a program gets what it did not get before."""
    yield from _retyped(name, before, now, names, now is not None and set(now) <= set(before))


def _retyped(name, before, now, names, kept):
    if now is None:
        yield Break(f"{name} is gone", names)
    elif not kept:
        yield Break(f"{name} was {_or(before)} and is {_or(now)}", names)


def _or(types):
    return " or ".join(types) or "empty"


# Exports, the ledger, and addresses for readers


def _exports(before, now):
    for name, columns in before.items():
        gone = [column for column in columns if column not in now.get(name, ())]
        yield from (Break(f"export {name} has no column {column} any more") for column in gone)


def _contents(before, now, of=""):
    """Digests were made with what a version has."""
    for version, fields in before.items():
        if now.get(version) != fields:
            yield Break(f"version {version} of the canonical content{of} is no longer what it was")


def _addresses(before, now):
    for address, route in before.items():
        if address not in now:
            yield Break(f"address {address} is gone", (route,))


# The tidy tables


def _tables(before, now):
    for name, then in before.items():
        if name not in now:
            yield Break(f"table {name} is gone", (f"table {name}",))
            continue
        today, names = now[name], (f"table {name}",)
        yield from _columns(name, then["columns"], today["columns"])
        if then["primary_key"] != today["primary_key"]:
            yield Break(f"table {name} has another key", names)
        for key in then["foreign_keys"]:
            if key not in today["foreign_keys"]:
                columns, other, _referenced = key
                words = f"table {name}: {_named(columns)} leads no more to {other or name}"
                yield Break(words, names)
        for parameter in then["parameters"]:
            if parameter not in today["parameters"]:
                yield Break(f"table {name} has no parameter {parameter} any more", names)


def _columns(table, before, now):
    types = dict(map(tuple, now))
    for column, then in before:
        name = f"table {table}.{column}"
        today = types.get(column)
        if today is None:
            yield Break(f"{name} is gone", (name, f"table {table}"))
        elif not _same(f"{table}.{column}", then, today):
            yield Break(f"{name} was {then} and is {today}", (name, f"table {table}"))
    kept = [column for column, _type in before if column in types]
    if [*types][: len(kept)] != kept:
        yield Break(f"table {table} has new columns before others, or another order", ())


def _same(column, then, today):
    """Return whether the cells of a column are still what they were; fewer may be empty, and more
    only where the value was a mistake."""
    mended = then.removesuffix(", required") if column in NO_LONGER_ZERO else then
    return today in (then, mended, f"{then}, required")


def _unversioned(before, now):
    """Yield what of the tables has changed without the number of their form that says so."""
    then, today = before["format_version"], now["format_version"]
    if _numbers(today) < _numbers(then):
        yield f"FORMAT_VERSION was {then} and is {today}"
    old, new = (_columns_in(promises["tables"]) for promises in (before, now))
    changed = {name for name in old if name not in new or not _same(name, old[name], new[name])}
    if changed and _numbers(today)[0] <= _numbers(then)[0]:
        yield f"{_named(changed)}: the first number of FORMAT_VERSION {then} must rise"
    added = new.keys() - old.keys()
    if added and _numbers(today) <= _numbers(then):
        yield f"{_named(added)}: the second number of FORMAT_VERSION {then} must rise"


def _numbers(version):
    return [int(number) for number in version.split(".")]


def _columns_in(tables):
    """Return the types of all columns by their names."""
    return {
        f"{name}.{column}": type_
        for name, table in tables.items()
        for column, type_ in table["columns"]
    }


def _named(names):
    return ", ".join(sorted(names))
