"""What pages say of a plan's data to catalogues."""

import json
import re


def linked_data(page):
    """Return the descriptions in JSON-LD: schema.org's and DCAT's."""
    found = re.findall('<script type="application/ld[+]json">(.*?)</script>', page, re.DOTALL)
    return [json.loads(text) for text in found]
