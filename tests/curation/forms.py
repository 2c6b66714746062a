"""What a browser sends for rows that curators edit, and what the admin answers."""

from commitments.curation.edits import edit_version
from commitments.models import Commitment

DATES = ("start_on", "due_on", "ends_on")


def page(row):
    return f"/admin/commitments/{row._meta.model_name}/{row.pk}/change/"


def version(row):
    """Return what a form sends as the version that it shows, the present one."""
    return {"expected_version": edit_version(row)}


def inputs(row, *texts, prefix=""):
    """Return what a browser sends for some texts of a row: an input for each of two languages."""
    return {
        f"{prefix}{name}_{tag}": getattr(row, name).get(tag, "")
        for name in texts
        for tag in ("en", "zh")
    }


def form(commitment, **changed):
    """Return what a browser sends for a commitment, with its forums and milestones."""
    row = Commitment.objects.get(pk=commitment.pk)
    sent = inputs(row, "title", "note", "kind_reason", "goal_reason")
    sent |= {name: getattr(row, f"{name}_id") or "" for name in ("area", "goal", "lead_office")}
    sent |= {name: getattr(row, name) or "" for name in DATES} | {"kind": row.kind}
    for prefix, items, text, columns in (
        ("partnerships", row.partnerships.all(), "quote", ("forum_id",)),
        ("criteria", row.criteria.known(None), "text", ("key",)),
        ("milestones", row.milestones.filter(retired_at=None), "title", ("key", "due_on")),
    ):
        sent |= {f"{prefix}-TOTAL_FORMS": len(items), f"{prefix}-INITIAL_FORMS": len(items)}
        for index, item in enumerate(items):
            sent[f"{prefix}-{index}-id"] = item.pk
            sent |= inputs(item, text, prefix=f"{prefix}-{index}-")
            for column in columns:
                value = getattr(item, column)
                sent[f"{prefix}-{index}-{column.removesuffix('_id')}"] = value or ""
    return sent | version(row) | changed


def errors(answer):
    assert answer.status_code == 200
    return answer.context["adminform"].form.errors
