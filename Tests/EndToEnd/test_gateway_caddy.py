"""The gate through real Caddy, with the files of deploy/gateway/caddy."""

import inspect

import pytest
from support import gateway_behaviour
from support.gateway import Caddy, Scene

pytestmark = pytest.mark.database_plays_no_part

SHARED = {
    name: behaviour
    for name, behaviour in inspect.getmembers(gateway_behaviour, inspect.isfunction)
    if list(inspect.signature(behaviour).parameters) == ["scene"]
}


@pytest.fixture
def make_scene(start):
    scenes = []

    def make(**variables):
        scenes.append(Scene(start(**variables), Caddy))
        return scenes[-1]

    yield make
    for scene in scenes:
        scene.close()


@pytest.mark.only_on("postgres")
def test_the_limits_of_the_plans_hold_to_the_request_on_postgres_too(make_scene):
    gateway_behaviour.limits_hold_to_the_request(make_scene())


@pytest.mark.parametrize("behaviour", sorted(SHARED))
def test_it_holds_that(behaviour, make_scene):
    SHARED[behaviour](make_scene())


def test_a_gateway_with_a_key_needs_no_address(make_scene):
    gateway_behaviour.a_gateway_with_a_key_needs_no_address(make_scene(TRUSTED_PROXIES="192.0.2.1"))
