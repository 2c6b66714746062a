"""REST framework has views, requests and responses refer to each other. What a large response was
made of would stay in memory until garbage is collected, which is seldom (`tracker/garbage.py`)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.response import Response
from rest_framework.views import APIView


class ReleasingView(APIView):
    """A view that forgets everything once its response is rendered."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        if isinstance(response, Response):
            response.add_post_render_callback(self._forget)
        else:
            self._forget(response)
        return response

    def _forget(self, response: Any) -> None:
        self.request.parser_context.clear()
        # What renderers were told has the response itself.
        response.renderer_context = {}
        vars(self).clear()
