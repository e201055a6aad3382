from sensors.capture.protocols.windows_values import asked, moment, opened, status


def test_a_status_has_a_name_and_an_outcome() -> None:
    assert status(0xC000006D) == {
        "smb.status": "STATUS_LOGON_FAILURE", "smb.status_code": 0xC000006D, "event.outcome": "failure",
    }
    assert status(0)["event.outcome"] == "success"
    assert status(0x80000006)["event.outcome"] == "success"
    assert "event.outcome" not in status(0xC0000016)
    assert status(0xC0FFEE00)["smb.status"] == "unknown-0xc0ffee00"


def test_times_outside_what_stores_keep_are_none() -> None:
    assert moment(116_444_736_010_000_000) == "1970-01-01T00:00:01.000Z"
    assert [moment(ticks) for ticks in (0, 116_444_736_000_000_000, 2**63 - 1, 2**64 - 1)] == ["", "", "", ""]


def test_rights_and_what_an_opened_file_says() -> None:
    assert asked(0x0001_0002, 5, 0x1000) == {
        "smb.access": ["WRITE_DATA", "DELETE"], "smb.disposition": "FILE_OVERWRITE_IF", "smb.delete_on_close": True,
    }
    assert asked(0, 99, 0) == {}
    said = opened(2, (0, 116_444_736_010_000_000, 0, 0), 0x10, 7)
    assert said == {
        "smb.create_action": "FILE_CREATED", "file.accessed": "1970-01-01T00:00:01.000Z", "file.size": 7,
        "smb.directory": True,
    }
    assert "file.size" not in opened(9, (0, 0, 0, 0), 0, 2**64 - 1)
