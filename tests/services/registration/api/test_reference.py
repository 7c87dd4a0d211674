"""The words to choose from."""

from tests.services.registration.office import Office


async def test_an_occupation_is_found_by_job_title_with_the_skills_that_rome_asks(office: Office) -> None:
    found = (await office.ask("GET", "/api/v1/occupations", params={"q": "hote de caisse"})).json()["items"]
    assert found[0]["code"] == "D1505"
    assert {"code": "6D116", "label": "Avoir le sens du service"} in found[0]["skills"]
    shown = (await office.ask("GET", "/api/v1/occupations/D1505")).json()
    assert shown["skills"] == found[0]["skills"]
    assert shown["near"]
    unknown = await office.ask("GET", "/api/v1/occupations/K22")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-occupation")


async def test_skills_exercises_licences_and_communes_are_listed(office: Office) -> None:
    skills = (await office.ask("GET", "/api/v1/skills")).json()
    assert len(skills["items"]) == 16
    assert [level["level"] for level in skills["levels"]] == [0, 1, 2, 3, 4]
    assert all(level["anchor"] for level in skills["levels"])
    earlier = (await office.ask("GET", "/api/v1/skills?framework=savoir-etre-2018")).json()["items"]
    rigour = next(each for each in earlier if each["code"] == "rigueur")
    assert rigour["equivalent"] == {"framework": "rome-4", "code": "6D110", "nearness": "exact"}
    assert next(each for each in earlier if each["code"] == "prise-de-recul")["equivalent"] is None
    assert (await office.ask("GET", "/api/v1/skills?framework=astrologie")).status_code == 422
    assert len((await office.ask("GET", "/api/v1/exercises")).json()["items"]) == 6
    assert any(each["code"] == "B" for each in (await office.ask("GET", "/api/v1/licences")).json()["items"])
    communes = (await office.ask("GET", "/api/v1/communes?q=croix")).json()["items"]
    assert {"code": "59163", "name": "Croix", "department": "59"} in communes
    assert (await office.ask("GET", "/api/v1/occupations")).status_code == 422
