"""What registration reads once, before it serves."""

from shared.reference import communes, exercises, licences, occupations, skills


def warm() -> None:
    """Read the tables of words, with the indexes that find what is only nearly right."""
    communes.suggest("Lans")
    occupations.find_occupation("boulangr")
    occupations.search("boulangr")
    skills.framework()
    licences.licences()
    exercises.exercises()
