"""Have something done later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from django_tasks.base import Task


def enqueue(path: str, *arguments: Any) -> None:
    """Have a task done by a worker, once the transaction that asks for it is stored.

    :param path: where the task is, so that who asks need not know who does it.
    """
    task: Task[..., Any] = import_string(path)
    task.enqueue(*arguments)
