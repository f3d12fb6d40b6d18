"""What every part of the container is made of."""

from dependency_injector import containers, providers

from adapters.clock import SystemClock
from entrypoints.settings import Settings
from ports.clock import Clock


class Foundation(containers.DeclarativeContainer):
    """The settings that choose, and the clock that all parts share."""

    settings = providers.Dependency(instance_of=Settings)
    clock: providers.Provider[Clock] = providers.Singleton(SystemClock)
