

def test_a_uuid_may_be_written_in_capitals_and_another_mrid_may_not() -> None:
    """The digits of a UUID have no case; a vendor's own mRID is compared as it stands."""
    uuid = "6024397f-b798-5a81-a050-e2a465aeb586"
    assert same_device(Identified(mrid=uuid), Identified(mrid=uuid.upper()))
    assert not same_device(Identified(mrid="meter-a"), Identified(mrid="METER-A"))
