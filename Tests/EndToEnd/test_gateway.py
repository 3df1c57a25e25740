"""The gate through real nginx and real Caddy, with the files of deploy/gateway: what holds for both."""

import inspect

import pytest
from support import gateway_behaviour
from support.gateway import Caddy, Nginx

pytestmark = [
    pytest.mark.database_plays_no_part,
    pytest.mark.parametrize("program", [Nginx, Caddy], ids=["nginx", "caddy"]),
]

SHARED = {
    name: behaviour
    for name, behaviour in inspect.getmembers(gateway_behaviour, inspect.isfunction)
    if list(inspect.signature(behaviour).parameters) == ["scene"]
}


@pytest.mark.only_on("postgres")
def test_the_limits_of_the_plans_hold_to_the_request_on_postgres_too(make_scene, program):
    gateway_behaviour.limits_hold_to_the_request(make_scene(program))


@pytest.mark.parametrize("behaviour", sorted(SHARED))
def test_it_holds_that(behaviour, make_scene, program):
    SHARED[behaviour](make_scene(program))


def test_a_gateway_with_a_key_needs_no_address(make_scene, program):
    scene = make_scene(program, GATEWAYS="192.0.2.1")
    gateway_behaviour.a_gateway_with_a_key_needs_no_address(scene)
