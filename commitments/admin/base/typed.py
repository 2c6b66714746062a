"""Django's classes for the admin's pages and forms, with type arguments for the type checker only:
at run time they accept none. And types for lines of fields in forms, and for columns of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin
from django.contrib.admin import options
from django.db.models import Model

if TYPE_CHECKING:
    from collections.abc import Callable

    ModelAdmin = admin.ModelAdmin[Model]
    BaseModelAdmin = options.BaseModelAdmin[Model]
    StackedInline = admin.StackedInline[Model, Model]
    ModelForm = forms.ModelForm[Model]
    BaseInlineFormSet = forms.BaseInlineFormSet[Model, Model, forms.ModelForm[Model]]
    FieldLine = str | list[str] | tuple[str, ...] | tuple[()]
    ListColumn = str | Callable[[Model], str | bool]
    ListColumns = list[ListColumn] | tuple[ListColumn, ...] | tuple[()]
else:
    ModelAdmin, BaseModelAdmin = admin.ModelAdmin, options.BaseModelAdmin
    StackedInline, ModelForm = admin.StackedInline, forms.ModelForm
    BaseInlineFormSet = forms.BaseInlineFormSet
