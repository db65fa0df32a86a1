"""When an owner is taken to be gone; pure."""

from tocsin.engine.claiming import Taken
from tocsin.engine.leases import Sightings

ONE = Taken("work", "one", "there", lease_ms=1000, tries=1)


def over(sightings, taken, at):
    return sightings.over(taken, lease_s=lambda _: 30.0, monotonic=at)


def test_a_lease_that_stays_the_same_is_over_after_its_length():
    """Counted from the first sight, by the watcher's own time; what its end says on any clock is no matter."""
    sightings = Sightings()
    assert over(sightings, [ONE], 100) == []
    assert over(sightings, [ONE], 129) == []
    assert over(sightings, [ONE], 130) == [ONE]


def test_a_renewed_lease_begins_anew():
    """Renewing changes its end, claiming once more its tries: both are signs of life."""
    sightings = Sightings()
    over(sightings, [ONE], 0)
    assert over(sightings, [ONE._replace(lease_ms=2000)], 29) == []
    assert over(sightings, [ONE._replace(lease_ms=2000)], 58) == []
    assert over(sightings, [ONE._replace(lease_ms=2000, tries=2)], 60) == []


def test_a_job_given_up_between_is_seen_for_the_first_time_again():
    """Sightings of what is gone are forgotten."""
    sightings = Sightings()
    over(sightings, [ONE], 0)
    assert sightings.any
    over(sightings, [], 20)
    assert not sightings.any
    assert over(sightings, [ONE], 40) == []
